using System.Text.Json.Serialization;
using Muster.Core.Json;

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
[JsonConverter(typeof(ObjectReferenceConverter))]
public readonly record struct ObjectReference(ObjectKind Kind, Digest Digest)
{
    /// <summary><c>directory:9f86…</c></summary>
    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()}:{Digest}";

    /// <summary>Reads what <see cref="ToString"/> writes; false for anything else.</summary>
    public static bool TryParse(string? text, out ObjectReference reference)
    {
        reference = default;
        var colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        ObjectKind? kind = colon < 0 ? null : text![..colon] switch
        {
            "file" => ObjectKind.File,
            "directory" => ObjectKind.Directory,
            "tree" => ObjectKind.Tree,
            "image" => ObjectKind.Image,
            _ => null,
        };
        if (kind is null || !Digest.TryParse(text![(colon + 1)..], out var digest))
        {
            return false;
        }

        reference = new ObjectReference(kind.Value, digest);
        return true;
    }
}
