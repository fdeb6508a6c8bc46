using Muster.Core.Filters;
using Muster.Core.Trees;

namespace Muster.Core.Plans;

internal sealed partial class RepairWalk
{
    /// <summary>Removes what is managed; true if something has to stay. Without a list it only counts.</summary>
    private bool Extra(TreeEntry seen, bool isManaged, List<RepairStep>? to)
    {
        if (seen.Kind != EntryKind.Directory)
        {
            if (isManaged)
            {
                extra++;
                to?.Add(new RepairStep.Remove(path.Path, seen, false));
            }

            return !isManaged;
        }

        var reach = filter.Below(path.Bytes);
        if (!isManaged && reach == FilterReach.None)
        {
            return true;
        }

        var whole = isManaged && reach == FilterReach.All;
        var stays = AgentFolders.AreBelow(path.Bytes) | ExtraBelow(seen, whole ? null : to);
        if (isManaged && !stays)
        {
            extra++;
            to?.Add(new RepairStep.Remove(path.Path, seen, whole));
        }
        else if (isManaged)
        {
            kept.Add(path.Path);
        }

        return stays || !isManaged;
    }

    private bool ExtraBelow(TreeEntry seen, List<RepairStep>? to)
    {
        if (filter.Below(path.Bytes) == FilterReach.None)
        {
            return seen.Content != TreeDirectory.Empty.Digest;
        }

        var stays = false;
        foreach (var child in seen.Loaded(load).Entries)
        {
            var before = path.Push(child.Name);
            stays |= Extra(child, filter.Manages(path.Bytes), to);
            path.Pop(before);
        }

        return stays;
    }

    private bool HoldsUnmanaged(TreeEntry seen)
    {
        switch (filter.Below(path.Bytes))
        {
            case FilterReach.All:
                return false;
            case FilterReach.None:
                return seen.Content != TreeDirectory.Empty.Digest;
        }

        foreach (var child in seen.Loaded(load).Entries)
        {
            var before = path.Push(child.Name);
            var holds = !filter.Manages(path.Bytes) || (child.Kind == EntryKind.Directory && HoldsUnmanaged(child));
            path.Pop(before);
            if (holds)
            {
                return true;
            }
        }

        return false;
    }
}
