using Muster.Core.Trees;

namespace Muster.Files.Tar;

/// <summary>One member of an archive as it stands there; whether it may stand there is for <see cref="TarTree"/> to judge.</summary>
internal sealed record TarMember
{
    /// <summary>Where its header begins.</summary>
    public required long Offset { get; init; }

    public required byte[] Name { get; init; }

    /// <summary>Null for a hard link.</summary>
    public required EntryKind? Kind { get; init; }

    public byte[] LinkName { get; init; } = [];

    public ushort Mode { get; init; }

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    public FileTime Modified { get; init; }

    public uint Major { get; init; }

    public uint Minor { get; init; }

    public Xattr[] Xattrs { get; init; } = [];

    public IReadOnlyDictionary<string, byte[]> AccessLists { get; init; } = new Dictionary<string, byte[]>();

    /// <summary>The length of the file, with its holes.</summary>
    public long Size { get; init; }

    /// <summary>What of the file is stored, in order; the rest is holes.</summary>
    public IReadOnlyList<TarExtent> Extents { get; init; } = [];

    /// <summary>Bytes that follow the header, without padding.</summary>
    public long Stored { get; init; }
}

/// <summary>A stored part of a file.</summary>
/// <param name="At">Where in the file.</param>
/// <param name="Length">How long.</param>
/// <param name="From">Where in the archive.</param>
internal readonly record struct TarExtent(long At, long Length, long From);
