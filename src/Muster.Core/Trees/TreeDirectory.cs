using Muster.Core.Objects;

namespace Muster.Core.Trees;

/// <summary>The entries of one directory, sorted by name bytes. Immutable; its digest names it.</summary>
public sealed class TreeDirectory
{
    private readonly TreeEntry[] entries;
    private Digest digest;
    private bool digested;

    /// <summary>Takes entries sorted by name bytes, no name twice. The array is not copied and must not change afterwards.</summary>
    public TreeDirectory(TreeEntry[] entries) => this.entries = entries;

    /// <summary>A directory with nothing in it.</summary>
    public static TreeDirectory Empty { get; } = new([]);

    /// <summary>The entries, sorted by name bytes.</summary>
    public ReadOnlySpan<TreeEntry> Entries => entries;

    /// <summary>SHA-256 of <see cref="TreeFormat.Encode(TreeDirectory)"/>; computed once.</summary>
    public Digest Digest
    {
        get
        {
            if (!digested)
            {
                digest = TreeFormat.DigestOf(this);
                Volatile.Write(ref digested, true);
            }

            return digest;
        }
    }

    /// <summary>Finds a name, or null.</summary>
    public TreeEntry? Find(ReadOnlySpan<byte> name)
    {
        var index = IndexOf(name);
        return index >= 0 ? entries[index] : null;
    }

    /// <summary>This directory with one entry put in, replacing one of the same name.</summary>
    public TreeDirectory With(TreeEntry entry)
    {
        var index = IndexOf(entry.Name);
        if (index >= 0)
        {
            var replaced = entries.AsSpan().ToArray();
            replaced[index] = entry;
            return new TreeDirectory(replaced);
        }

        return new TreeDirectory([.. entries.AsSpan(0, ~index), entry, .. entries.AsSpan(~index)]);
    }

    /// <summary>This directory without a name.</summary>
    public TreeDirectory Without(ReadOnlySpan<byte> name)
    {
        var index = IndexOf(name);
        return index < 0 ? this : new TreeDirectory([.. entries.AsSpan(0, index), .. entries.AsSpan(index + 1)]);
    }

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        int low = 0, high = entries.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = entries[middle].Name.AsSpan().SequenceCompareTo(name);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }
}
