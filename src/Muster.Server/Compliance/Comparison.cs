using Muster.Core.Images;
using Muster.Core.Objects;
using Muster.Core.Plans;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Server.Images;
using Muster.Server.Objects;

namespace Muster.Server.Compliance;

/// <summary>
/// Compares a wanted image with the tree that a machine was seen to have, by the planner that the agent uses. It may take a while for a
/// tree that was not compared before, so nothing holds a transaction open for it except a plan's second look, which finds it in memory.
/// </summary>
internal sealed class Comparison(ImageReader images, Trees trees)
{
    /// <summary>What the machine would have to do; null where the tree is not known whole, or too large.</summary>
    public async Task<RepairPlan?> FindPlanAsync(Digest image, Digest seenTree, CancellationToken cancellationToken)
    {
        var wanted = await images.LoadAsync(image, cancellationToken);
        return await FindSeenAsync(seenTree, cancellationToken) is { } seen
            ? RepairPlanner.Plan(wanted.Tree.Tree, seen.Tree, wanted.Filter, wanted.Tree.LoadOr(seen))
            : null;
    }

    /// <summary>The wanted tree after the image's filter, the seen one, and how they differ.</summary>
    public async Task<(LoadedTree Wanted, LoadedTree Seen, IReadOnlyList<Difference> Differences)?> FindDifferencesAsync(Digest image, Digest seenTree, CancellationToken cancellationToken)
    {
        var wanted = await images.LoadAsync(image, cancellationToken);
        if (await FindSeenAsync(seenTree, cancellationToken) is not { } seen)
        {
            return null;
        }

        // The seen tree is managed already; what the filter takes out of the image is loaded in it.
        var managed = wanted.Managed();
        var load = wanted.Tree.LoadOr(seen);
        return (wanted.Tree with { Tree = managed }, seen, TreeDiff.Between(managed, seen.Tree, load));
    }

    private async Task<LoadedTree?> FindSeenAsync(Digest seenTree, CancellationToken cancellationToken)
    {
        try
        {
            var seen = await trees.LoadAsync(seenTree, cancellationToken);
            return TreeMeasure.Of(seen.Tree, seen.Load).Entries <= SeenTrees.MostEntries ? seen : null;
        }
        catch (ProblemException e) when (e.Kind is ProblemKind.Unavailable or ProblemKind.Invalid or ProblemKind.TooLarge)
        {
            return null;
        }
    }
}
