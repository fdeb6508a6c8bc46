using Muster.Core.Objects;
using Muster.Core.Trees;

namespace Muster.Core.Plans;

/// <summary>What to do, in order, so that a seen tree becomes the wanted one wherever the filter manages it.</summary>
/// <param name="Steps">What to do, in an order in which each step finds what it needs.</param>
/// <param name="Needs">File contents that the steps put, each once, with their sizes. Empty files need none, computed files get theirs from their generator.</param>
/// <param name="Counts">How much that is.</param>
/// <param name="Kept">Directories that are not wanted but stay, because they hold something that is not managed.</param>
/// <param name="Blocked">Paths that cannot become as wanted without touching something that is not managed. Nothing at or below them is changed.</param>
public sealed record RepairPlan(
    IReadOnlyList<RepairStep> Steps,
    IReadOnlyDictionary<Digest, long> Needs,
    RepairCounts Counts,
    IReadOnlyList<TreePath> Kept,
    IReadOnlyList<BlockedPath> Blocked)
{
    /// <summary>True if there is nothing to do and nothing in the way.</summary>
    public bool IsEmpty => Steps.Count == 0 && Blocked.Count == 0;
}

/// <summary>How much a plan changes. Paths that only lead to something managed are not counted.</summary>
/// <param name="Missing">Paths that are put where nothing is.</param>
/// <param name="Extra">Paths that are removed.</param>
/// <param name="Changed">Paths that are there and become as wanted.</param>
/// <param name="Bytes">Sum of the sizes of <see cref="RepairPlan.Needs"/>: what has to be fetched if nothing of it is cached.</param>
public readonly record struct RepairCounts(int Missing, int Extra, int Changed, long Bytes);

/// <summary>A path that cannot become as wanted.</summary>
/// <param name="Path">Where.</param>
/// <param name="Why">A sentence for the operator.</param>
public sealed record BlockedPath(TreePath Path, string Why);
