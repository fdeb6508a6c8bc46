using Muster.Core.Filters;
using Muster.Core.Objects;
using Muster.Core.Trees;

namespace Muster.Core.Plans;

/// <summary>
/// Compares what is wanted with what is seen and says what to do. Pure; the server's previews and the agent's repairs use the same.
/// Order of the steps: directories are made and files put in the order of a walk, parents first; then hard links; then what is extra
/// goes, deepest first; attributes come last, those of directories at the very end.
/// </summary>
public static class RepairPlanner
{
    /// <summary>Plans the repair of a whole tree.</summary>
    /// <param name="wanted">The image's tree.</param>
    /// <param name="seen">What is there, with the names and kinds of what is not managed where the planner must not remove their directories.
    /// Computed files whose content is right stand in it as <see cref="EntryKind.ComputedFile"/> (see <see cref="ComputedFiles"/>).</param>
    /// <param name="filter">The image's filter.</param>
    /// <param name="load">Brings directories that are not loaded; those with equal digests are never asked for.</param>
    /// <exception cref="Problems.ProblemException">Invalid, <c>tree.link</c>: the wanted tree contradicts itself.</exception>
    public static RepairPlan Plan(Tree wanted, Tree seen, TreeFilter filter, Func<Digest, TreeDirectory>? load = null)
    {
        TreeCheck.RequireSoundLinks(wanted, load);
        var managed = ManagedTree.Of(wanted, filter, null, load);
        var walk = new RepairWalk(managed, seen, filter, load);
        walk.Visit(managed.Root, seen.Root);
        walk.ResolveLinks(TreePath.Root);
        return walk.ToPlan();
    }

    /// <summary>Plans the repair of one path and what is below it, in a time that does not grow with the tree.</summary>
    /// <param name="wanted">The image's managed tree.</param>
    /// <param name="seen">What is there.</param>
    /// <param name="filter">The image's filter.</param>
    /// <param name="path">Where something changed.</param>
    /// <param name="load">Brings directories that are not loaded.</param>
    public static RepairPlan PlanFor(Tree wanted, Tree seen, TreeFilter filter, TreePath path, Func<Digest, TreeDirectory>? load = null)
    {
        var walk = new RepairWalk(wanted, seen, filter, load);
        walk.ResolveLinks(walk.VisitOnly(path));
        return walk.ToPlan();
    }
}
