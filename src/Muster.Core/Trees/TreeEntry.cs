using System.Text.Json.Serialization;
using Muster.Core.Json;
using Muster.Core.Objects;

namespace Muster.Core.Trees;

/// <summary>What a name in a directory is. Sockets are not content and are skipped. Numbers are those of the tree format.</summary>
public enum EntryKind : byte
{
    /// <summary>A directory.</summary>
    Directory = 1,

    /// <summary>A regular file.</summary>
    File = 2,

    /// <summary>A symbolic link.</summary>
    Symlink = 3,

    /// <summary>A character device.</summary>
    CharacterDevice = 4,

    /// <summary>A block device.</summary>
    BlockDevice = 5,

    /// <summary>A named pipe.</summary>
    Fifo = 6,

    /// <summary>A regular file whose content a generator gives.</summary>
    ComputedFile = 7,
}

/// <summary>A time of a file: seconds since 1970 UTC (negative before) and nanoseconds 0 to 999,999,999 within the second.</summary>
[JsonConverter(typeof(FileTimeConverter))]
public readonly record struct FileTime(long Seconds, uint Nanoseconds) : IComparable<FileTime>
{
    /// <inheritdoc/>
    public int CompareTo(FileTime other) =>
        Seconds != other.Seconds ? Seconds.CompareTo(other.Seconds) : Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>Earlier.</summary>
    public static bool operator <(FileTime left, FileTime right) => left.CompareTo(right) < 0;

    /// <summary>Later.</summary>
    public static bool operator >(FileTime left, FileTime right) => left.CompareTo(right) > 0;

    /// <summary>Not later.</summary>
    public static bool operator <=(FileTime left, FileTime right) => left.CompareTo(right) <= 0;

    /// <summary>Not earlier.</summary>
    public static bool operator >=(FileTime left, FileTime right) => left.CompareTo(right) >= 0;
}

/// <summary>An extended attribute: full name (<c>security.capability</c>) and raw value.</summary>
public sealed record Xattr(byte[] Name, byte[] Value)
{
    /// <inheritdoc/>
    public bool Equals(Xattr? other) =>
        other is not null && Name.AsSpan().SequenceEqual(other.Name) && Value.AsSpan().SequenceEqual(other.Value);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Name);
        hash.AddBytes(Value);
        return hash.ToHashCode();
    }
}

/// <summary>
/// One name in a directory with everything that is compared. Immutable. Members that a kind does not have are zero or empty
/// (docs/formats/tree.md says which kind has which).
/// </summary>
public sealed record TreeEntry
{
    /// <summary>The name: 1 to 255 bytes without <c>/</c> and NUL. Empty only for a tree's root.</summary>
    public required byte[] Name { get; init; }

    /// <summary>What it is.</summary>
    public required EntryKind Kind { get; init; }

    /// <summary>Permission bits with setuid, setgid and sticky (0 to 07777). Zero for symlinks, which have none.</summary>
    public ushort Mode { get; init; }

    /// <summary>Numeric owner.</summary>
    public uint Uid { get; init; }

    /// <summary>Numeric group.</summary>
    public uint Gid { get; init; }

    /// <summary>Time of last modification; of files, devices and fifos only.</summary>
    public FileTime Modified { get; init; }

    /// <summary>Length in bytes; of files only.</summary>
    public long Size { get; init; }

    /// <summary>Digest of a file's content, or of a directory's object.</summary>
    public Digest Content { get; init; }

    /// <summary>A symlink's target, or a computed file's generator (UTF-8).</summary>
    public byte[] Target { get; init; } = [];

    /// <summary>Major number; of devices only.</summary>
    public uint Major { get; init; }

    /// <summary>Minor number; of devices only.</summary>
    public uint Minor { get; init; }

    /// <summary>Extended attributes, sorted by name bytes, no name twice.</summary>
    public Xattr[] Xattrs { get; init; } = [];

    /// <summary>A directory's content where it is loaded, else null. Its digest is <see cref="Content"/>.</summary>
    public TreeDirectory? Directory { get; init; }

    /// <summary>A directory entry that holds <paramref name="directory"/>.</summary>
    public TreeEntry WithDirectory(TreeDirectory directory) => this with { Directory = directory, Content = directory.Digest };

    /// <summary>A directory's content, brought by <paramref name="load"/> where it is not loaded.</summary>
    /// <exception cref="InvalidOperationException">It is not loaded and nothing can load it.</exception>
    public TreeDirectory Loaded(Func<Digest, TreeDirectory>? load = null) =>
        Directory ?? load?.Invoke(Content) ?? (Content == TreeDirectory.Empty.Digest
            ? TreeDirectory.Empty
            : throw new InvalidOperationException($"directory {Content} is not loaded"));

    /// <summary>True if everything that is compared is the same (for directories: the content digest too).</summary>
    public bool Equals(TreeEntry? other) =>
        other is not null
        && Kind == other.Kind && Mode == other.Mode && Uid == other.Uid && Gid == other.Gid
        && Modified == other.Modified && Size == other.Size && Content == other.Content
        && Major == other.Major && Minor == other.Minor
        && Name.AsSpan().SequenceEqual(other.Name) && Target.AsSpan().SequenceEqual(other.Target)
        && Xattrs.AsSpan().SequenceEqual(other.Xattrs);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Name);
        hash.Add(Kind);
        hash.Add(Content);
        return hash.ToHashCode();
    }

    /// <summary>The name as shown to people.</summary>
    public override string ToString() => $"{Kind} {TreeText.Show(Name)}";
}
