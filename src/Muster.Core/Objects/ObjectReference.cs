namespace Muster.Core.Objects;

/// <summary>What an object's bytes mean. Part of every reference, so that a file never passes for a directory. Numbers are those on the wire.</summary>
public enum ObjectKind : byte
{
    /// <summary>The content of a regular file.</summary>
    File = 1,

    /// <summary>The entries of one directory.</summary>
    Directory = 2,

    /// <summary>A whole tree: its root and its hard links.</summary>
    Tree = 3,

    /// <summary>An image: a tree with filter, triggers and metadata.</summary>
    Image = 4,
}

/// <summary>A typed name of content.</summary>
/// <param name="Kind">What the bytes mean.</param>
/// <param name="Digest">SHA-256 of the uncompressed bytes.</param>
public readonly record struct ObjectReference(ObjectKind Kind, Digest Digest)
{
    /// <summary><c>directory:9f86…</c></summary>
    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()}:{Digest}";
}
