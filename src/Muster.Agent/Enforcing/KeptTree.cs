using Muster.Agent.Fetching;
using Muster.Agent.Scanning;
using Muster.Core.Filters;
using Muster.Core.Objects;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Agent.Enforcing;

/// <summary>The tree as it was last seen, kept up to date by looking again where something changed. Shares what is equal with the wanted tree.</summary>
internal sealed class KeptTree(IFileTree files, BestEffort effort)
{
    public IFileTree Files => files;

    /// <summary>Null before the first scan.</summary>
    public Tree? Seen { get; private set; }

    public void Replace(Tree seen) => Seen = seen;

    /// <summary>The next look is a scan.</summary>
    public void Forget() => Seen = null;

    /// <param name="gently">Nobody waits for it.</param>
    public async Task<ScanResult> ScanAsync(TreeFilter filter, bool gently, Action<ScanProgress>? progress, TimeProvider time, CancellationToken cancellationToken)
    {
        var counts = new ScanProgress();
        using var timer = progress is null ? null : time.CreateTimer(_ => progress(counts), null, TimeSpan.FromMilliseconds(250), TimeSpan.FromMilliseconds(250));
        var found = await files.ScanAsync(filter, counts, gently, cancellationToken);
        Seen = found.Tree;
        effort.Try("digests", files.Remember);
        return found;
    }

    /// <summary>The managed part of what is seen.</summary>
    public Tree Managed(WantedImage wanted) => ManagedTree.Of(Seen!, wanted.Filter, wanted.Tree);

    /// <summary>Uses the wanted tree's objects in memory wherever the seen ones are equal, so that both together cost little more than one.</summary>
    public void Share(Tree wanted)
    {
        var root = Shared(Seen!.Root, wanted.Root);
        Seen = Seen.WithRoot(root);
    }

    /// <summary>Looks again at paths.</summary>
    /// <param name="paths">Where something changed; those that are one inode, or shall be, are looked at together.</param>
    /// <param name="whole">Those of them that may be directories with new content.</param>
    /// <returns>The tree as it is there now, and where it was looked: for a path whose directory is gone, the topmost that is.</returns>
    public async Task<(Tree Tree, HashSet<TreePath> Looked)> LookAgainAsync(
        IReadOnlyCollection<TreePath> paths, IReadOnlySet<TreePath> whole, WantedImage wanted, bool verify, CancellationToken cancellationToken)
    {
        var edit = new TreeEdit(Seen!);
        var looked = new HashSet<TreePath>();
        foreach (var path in paths)
        {
            await LookAsync(edit, path, whole.Contains(path), wanted, looked, verify, cancellationToken);
        }

        return (edit.ToTree(), looked);
    }

    private async Task LookAsync(TreeEdit edit, TreePath path, bool below, WantedImage wanted, HashSet<TreePath> looked, bool verify, CancellationToken cancellationToken)
    {
        // What was taken for a directory may be gone with everything in it.
        while (!path.IsRoot && edit.Find(path.Parent) is not { Kind: EntryKind.Directory })
        {
            path = path.Parent;
            below = true;
        }

        var group = Seen!.LinksOf(path)?.Paths.Union(wanted.Tree.LinksOf(path)?.Paths ?? []) ?? wanted.Tree.LinksOf(path)?.Paths ?? [path];
        var inodes = new Dictionary<(ulong, ulong), TreePath>();
        foreach (var one in group)
        {
            if (!looked.Add(one) || !wanted.MayMatter(one))
            {
                continue;
            }

            var known = edit.Find(one);
            var sight = await files.LookAsync(one, below || known is not { Kind: EntryKind.Directory }, verify, cancellationToken);
            if (sight is null && !one.IsRoot && await files.LookAsync(one.Parent, below: false, verify: false, cancellationToken) is not { Entry.Kind: EntryKind.Directory })
            {
                looked.Remove(one);
                await LookAsync(edit, one.Parent, below: true, wanted, looked, verify, cancellationToken);
                continue;
            }

            Note(edit, one, known, sight, inodes, below);
        }
    }

    private static void Note(TreeEdit edit, TreePath path, TreeEntry? known, Sight? sight, Dictionary<(ulong, ulong), TreePath> inodes, bool below)
    {
        if (sight is null)
        {
            if (known is not null && !path.IsRoot)
            {
                edit.Remove(path);
            }
        }
        else if (edit.Find(path.Parent) is not { Kind: EntryKind.Directory } && !path.IsRoot)
        {
            // A partner elsewhere, whose directory we do not know: the scan will see it.
        }
        else if (sight.Entry.Kind == EntryKind.Directory && known is { Kind: EntryKind.Directory } && !below)
        {
            edit.SetAttributes(path, sight.Entry);
        }
        else if (inodes.TryGetValue(sight.Inode, out var first) && sight.Entry.Kind != EntryKind.Directory)
        {
            edit.Link(path, first);
        }
        else
        {
            inodes[sight.Inode] = path;
            edit.Put(path, sight.Entry);
        }
    }

    private static TreeEntry Shared(TreeEntry seen, TreeEntry wanted)
    {
        if (seen.Directory is not { } directory || wanted.Directory is not { } other)
        {
            return seen;
        }

        if (seen.Content == wanted.Content)
        {
            return seen.Equals(wanted) ? wanted : seen with { Directory = other };
        }

        var entries = new TreeEntry[directory.Entries.Length];
        for (var index = 0; index < entries.Length; index++)
        {
            var one = directory.Entries[index];
            var like = other.Find(one.Name);
            entries[index] = like is null ? one : one.Kind == EntryKind.Directory ? Shared(one, like) : one.Equals(like) ? like : one;
        }

        return seen with { Directory = new TreeDirectory(entries) };
    }
}
