using Muster.Core.Filters;
using Muster.Core.Objects;
using Muster.Core.Trees;

namespace Muster.Core.Plans;

/// <summary>One comparison of a wanted with a seen tree; collects the steps by phase.</summary>
internal sealed partial class RepairWalk(Tree wantedTree, Tree seenTree, TreeFilter filter, Func<Digest, TreeDirectory>? load)
{
    private readonly PathBuffer path = new();
    private readonly List<RepairStep> puts = [];
    private readonly List<RepairStep> removes = [];
    private readonly List<RepairStep> directoryAttributes = [];
    private readonly List<TreePath> kept = [];
    private readonly List<BlockedPath> blocked = [];
    private readonly RepairLinks links = new(wantedTree, seenTree, filter, load);
    private int missing, extra, changed;

    /// <summary>Compares what is wanted and seen at the place of the walk. At least one is there.</summary>
    public void Visit(TreeEntry? wanted, TreeEntry? seen)
    {
        var isManaged = filter.Manages(path.Bytes);
        if (wanted is not null && !isManaged && (wanted.Kind != EntryKind.Directory || !filter.MayManageBelow(path.Path)))
        {
            return;
        }

        switch (wanted, seen)
        {
            case (null, not null):
                Extra(seen, isManaged, removes);
                break;
            case ({ Kind: EntryKind.Directory }, { Kind: EntryKind.Directory }):
                Both(wanted, seen, isManaged);
                break;
            case ({ Kind: EntryKind.Directory }, not null) when !isManaged:
                Block("the image needs a directory here, but the filter leaves this path alone and it is none");
                break;
            case ({ Kind: EntryKind.Directory }, _):
                Make(wanted, seen, isManaged);
                break;
            case (not null, { Kind: EntryKind.Directory }):
                ReplaceDirectory(wanted, seen);
                break;
            case (not null, _):
                File(wanted, seen);
                break;
        }
    }

    /// <summary>Compares one path and what is below it, or from where above it there is no directory as there should be. Returns where it began.</summary>
    public TreePath VisitOnly(TreePath only)
    {
        TreeEntry? wanted = wantedTree.Root, seen = seenTree.Root;
        foreach (var range in only.IsRoot ? default : only.Bytes.Split((byte)'/'))
        {
            if (wanted is not { Kind: EntryKind.Directory } || seen is not { Kind: EntryKind.Directory })
            {
                break;
            }

            var name = only.Bytes[range];
            path.Push(name);
            (wanted, seen) = (wanted.Loaded(load).Find(name), seen.Loaded(load).Find(name));
        }

        if (wanted is not null || seen is not null)
        {
            Visit(wanted, seen);
        }

        return path.Path;
    }

    public void ResolveLinks(TreePath within) => links.Resolve(within, blocked);

    public RepairPlan ToPlan()
    {
        List<RepairStep> steps = [.. puts, .. links.Puts, .. links.Links, .. removes, .. links.Attributes];
        directoryAttributes.Reverse();
        steps.AddRange(directoryAttributes);
        var needs = new Dictionary<Digest, long>();
        foreach (var step in steps)
        {
            if (step is RepairStep.PutFile { Wanted: { Kind: EntryKind.File, Size: > 0 } file })
            {
                needs.TryAdd(file.Content, file.Size);
            }
        }

        var counts = new RepairCounts(missing + links.Missing, extra, changed + links.Changed, needs.Values.Sum());
        return new RepairPlan(steps, needs, counts, kept, blocked);
    }

    private void Both(TreeEntry wanted, TreeEntry seen, bool isManaged)
    {
        if (isManaged && TreeDiff.Between(wanted, seen) != Facets.None)
        {
            changed++;
            directoryAttributes.Add(new RepairStep.SetAttributes(path.Path, wanted, seen));
        }

        if (wanted.Content != seen.Content)
        {
            Below(wanted.Loaded(load).Entries, seen.Loaded(load).Entries);
        }
    }

    private void Below(ReadOnlySpan<TreeEntry> wanted, ReadOnlySpan<TreeEntry> seen)
    {
        int left = 0, right = 0;
        while (left < wanted.Length || right < seen.Length)
        {
            var order = left == wanted.Length ? 1 : right == seen.Length ? -1 : wanted[left].Name.AsSpan().SequenceCompareTo(seen[right].Name);
            var wantedChild = order <= 0 ? wanted[left++] : null;
            var seenChild = order >= 0 ? seen[right++] : null;
            var before = path.Push((wantedChild ?? seenChild)!.Name);
            Visit(wantedChild, seenChild);
            path.Pop(before);
        }
    }

    private void Make(TreeEntry wanted, TreeEntry? seen, bool isManaged)
    {
        if (isManaged)
        {
            _ = seen is null ? missing++ : changed++;
        }

        var made = isManaged ? wanted : wanted with { Mode = Passage.ModeWhenMade, Uid = 0, Gid = 0, Xattrs = [] };
        puts.Add(new RepairStep.MakeDirectory(path.Path, made, seen));
        Below(wanted.Loaded(load).Entries, []);
    }

    private void ReplaceDirectory(TreeEntry wanted, TreeEntry seen)
    {
        if (AgentFolders.AreBelow(path.Bytes) || HoldsUnmanaged(seen))
        {
            Block($"the image has a {Describe(wanted.Kind)} here, but this directory holds paths that the filter leaves alone");
            return;
        }

        // Where the filter could leave something alone that appears only now, what is known goes one by one.
        var one = filter.Below(path.Bytes) == FilterReach.All ? null : puts;
        ExtraBelow(seen, one);
        File(wanted, seen);
    }

    private void File(TreeEntry wanted, TreeEntry? seen)
    {
        if (links.Concern(path, wanted, seen))
        {
            return;
        }

        if (seen is null)
        {
            missing++;
            puts.Add(Put(path.Path, wanted, null));
            return;
        }

        var facets = TreeDiff.Between(wanted, seen);
        if (facets == Facets.None)
        {
            return;
        }

        changed++;
        if (NeedsNewInode(facets))
        {
            puts.Add(Put(path.Path, wanted, seen));
        }
        else
        {
            links.Attributes.Add(new RepairStep.SetAttributes(path.Path, wanted, seen));
        }
    }

    private void Block(string why) => blocked.Add(new BlockedPath(path.Path, why));

    internal static bool NeedsNewInode(Facets facets) =>
        (facets & (Facets.Kind | Facets.Content | Facets.Target | Facets.Device)) != 0;

    internal static RepairStep Put(TreePath path, TreeEntry wanted, TreeEntry? seen) => wanted.Kind switch
    {
        EntryKind.File or EntryKind.ComputedFile => new RepairStep.PutFile(path, wanted, seen),
        EntryKind.Symlink => new RepairStep.PutSymlink(path, wanted, seen),
        EntryKind.CharacterDevice or EntryKind.BlockDevice => new RepairStep.PutDevice(path, wanted, seen),
        EntryKind.Fifo => new RepairStep.PutFifo(path, wanted, seen),
        _ => throw new ArgumentException($"{wanted.Kind} is not put", nameof(wanted)),
    };

    private static string Describe(EntryKind kind) => kind switch
    {
        EntryKind.File or EntryKind.ComputedFile => "file",
        EntryKind.Symlink => "symlink",
        EntryKind.Fifo => "named pipe",
        _ => "device",
    };
}
