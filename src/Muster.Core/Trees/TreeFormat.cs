using Muster.Core.Objects;

namespace Muster.Core.Trees;

/// <summary>
/// The canonical bytes of directories and trees (docs/formats/tree.md): one value has exactly one encoding, and reading
/// refuses any other. Called by whoever names, stores or receives trees; never does I/O.
/// </summary>
public static class TreeFormat
{
    /// <summary>Version byte of both objects.</summary>
    public const byte Version = 1;

    /// <summary>Most entries in one directory.</summary>
    public const int MaxEntries = 1_000_000;

    /// <summary>Longest symlink target or generator, in bytes.</summary>
    public const int MaxTarget = 4096;

    /// <summary>Longest value of one extended attribute, in bytes: the kernel's own limit.</summary>
    public const int MaxXattrValue = 65_536;

    /// <summary>Most extended attributes on one entry.</summary>
    public const int MaxXattrs = 1024;

    /// <summary>Longest path below the root, in bytes.</summary>
    public const int MaxPath = 65_536;

    /// <summary>Deepest directory that is handled.</summary>
    public const int MaxDepth = 2048;

    /// <summary>The object of a directory.</summary>
    public static byte[] Encode(TreeDirectory directory) => Write(directory).ToArray();

    /// <summary>The digest of a directory's object.</summary>
    internal static Digest DigestOf(TreeDirectory directory) => Digest.Of(Write(directory).Written);

    private static ByteWriter Write(TreeDirectory directory)
    {
        // A file with a name of usual length takes about this much.
        var writer = new ByteWriter(64 + (96 * directory.Entries.Length));
        writer.Raw("MDIR"u8);
        writer.Byte(Version);
        writer.Variable((ulong)directory.Entries.Length);
        foreach (var entry in directory.Entries)
        {
            EntryFormat.Write(writer, entry);
        }

        return writer;
    }

    /// <summary>The object of a tree.</summary>
    public static byte[] Encode(Tree tree)
    {
        var writer = new ByteWriter();
        writer.Raw("MTRE"u8);
        writer.Byte(Version);
        EntryFormat.WriteAttributes(writer, tree.Root);
        writer.Variable((ulong)tree.HardLinks.Count);
        foreach (var group in tree.HardLinks)
        {
            writer.Variable((ulong)group.Paths.Count);
            foreach (var path in group.Paths)
            {
                writer.Counted(path.Bytes);
            }
        }

        return writer.ToArray();
    }

    /// <summary>Reads a directory object. Directories in it are named by digest and not loaded.</summary>
    /// <exception cref="Problems.ProblemException">Invalid, <c>format.invalid</c>: the bytes are not the canonical encoding of a directory.</exception>
    public static TreeDirectory DecodeDirectory(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, "directory object");
        Header(ref reader, "MDIR"u8);
        var count = (int)reader.Variable(MaxEntries);
        // An entry takes at least ten bytes, so a hostile count cannot make us reserve more than was sent.
        var entries = new List<TreeEntry>(Math.Min(count, reader.Left / 10));
        ReadOnlySpan<byte> previous = default;
        for (var index = 0; index < count; index++)
        {
            var entry = EntryFormat.Read(ref reader);
            if (index > 0 && previous.SequenceCompareTo(entry.Name) >= 0)
            {
                throw reader.Wrong($"'{TreeText.Show(entry.Name)}' does not come after '{TreeText.Show(previous)}'");
            }

            previous = entry.Name;
            entries.Add(entry);
        }

        reader.End();
        return new TreeDirectory([.. entries]);
    }

    /// <summary>Reads a tree object. The root directory is named by digest and not loaded.</summary>
    /// <exception cref="Problems.ProblemException">Invalid, <c>format.invalid</c>: the bytes are not the canonical encoding of a tree.</exception>
    public static Tree DecodeTree(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, "tree object");
        Header(ref reader, "MTRE"u8);
        var root = EntryFormat.ReadAttributes(ref reader, EntryKind.Directory, []);
        var count = (int)reader.Variable(int.MaxValue);
        var groups = new List<HardLinkGroup>();
        var known = new HashSet<TreePath>();
        for (var index = 0; index < count; index++)
        {
            groups.Add(ReadGroup(ref reader, known));
            if (index > 0 && groups[index - 1].Paths[0] >= groups[index].Paths[0])
            {
                throw reader.Wrong("the hard-link groups are not sorted");
            }
        }

        reader.End();
        return new Tree(root, groups);
    }

    private static HardLinkGroup ReadGroup(ref ByteReader reader, HashSet<TreePath> known)
    {
        var count = (int)reader.Variable(int.MaxValue);
        if (count < 2)
        {
            throw reader.Wrong("a hard-link group has fewer than two paths");
        }

        var paths = new List<TreePath>();
        for (var index = 0; index < count; index++)
        {
            var path = reader.Counted(MaxPath);
            if (path.IsEmpty || !TreePath.IsValid(path))
            {
                throw reader.Wrong($"'{TreeText.Show(path)}' is not a path below the root");
            }

            paths.Add(TreePath.FromBytes(path));
            if (index > 0 && paths[index - 1] >= paths[index])
            {
                throw reader.Wrong("the paths of a hard-link group are not sorted");
            }

            if (!known.Add(paths[index]))
            {
                throw reader.Wrong($"{paths[index]} is in two hard-link groups");
            }
        }

        return new HardLinkGroup(paths);
    }

    private static void Header(ref ByteReader reader, ReadOnlySpan<byte> magic)
    {
        if (!reader.Raw(magic.Length).SequenceEqual(magic))
        {
            throw reader.Wrong("it does not begin with its magic bytes");
        }

        var version = reader.Byte();
        if (version != Version)
        {
            throw reader.Wrong($"it has version {version}, known is {Version}");
        }
    }
}
