using Muster.Core.Filters;
using Muster.Core.Plans;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Tests.Trees;

namespace Muster.Tests.Plans;

public sealed class RepairPlannerTests
{
    [Fact]
    public void Any_seen_tree_becomes_any_wanted_tree_under_any_filter() => Property.Holds(3000, (random, size) =>
    {
        var wanted = RandomTrees.Any(random, size);
        var seen = random.Next(2) == 0 ? RandomTrees.Mutate(wanted, random, size / 3) : RandomTrees.Any(random, size);
        var filter = RandomTrees.Filter(random, wanted);

        var plan = RepairPlanner.Plan(wanted, seen, filter);
        var after = TreePatch.Apply(seen, plan);

        var managed = ManagedTree.Of(wanted, filter);
        var left = TreeDiff.Between(managed, ManagedTree.Of(after, filter, managed));
        Assert.All(left, difference => Assert.Contains(plan.Blocked, block =>
            difference.Facets == Facets.HardLink || difference.Path.IsWithin(block.Path) || block.Path.IsWithin(difference.Path)));
        Assert.Empty(RepairPlanner.Plan(wanted, after, filter).Steps);
        if (plan.Blocked.Count == 0)
        {
            Assert.Equal(managed.Digest, ManagedTree.Of(after, filter, managed).Digest);
        }

        RequireUnmanagedUntouched(seen, after, filter, plan);
    });

    [Fact]
    public void The_server_plans_the_same_counts_from_the_managed_tree_as_the_agent_from_the_whole() => Property.Holds(1000, (random, size) =>
    {
        var wanted = RandomTrees.Any(random, size);
        var seen = RandomTrees.Mutate(wanted, random, size / 2);
        var filter = RandomTrees.Filter(random, wanted);
        var managed = ManagedTree.Of(wanted, filter);

        var agent = RepairPlanner.Plan(managed, seen, filter);
        if (agent.Blocked.Count > 0)
        {
            return;
        }

        var known = ManagedTree.Of(seen, filter, managed);
        var server = RepairPlanner.Plan(managed, known, filter);
        Assert.Equal((server.Counts.Missing, server.Counts.Changed), (agent.Counts.Missing, agent.Counts.Changed));

        // What stays in a directory that is not wanted is unknown to the server, so it counts that directory too.
        Assert.InRange(server.Counts.Extra, agent.Counts.Extra, agent.Counts.Extra + agent.Kept.Count);

        var differences = TreeDiff.Between(managed, known).Where(difference => filter.Manages(difference.Path)).ToArray();
        Assert.Equal(differences.Count(difference => difference.Kind == DifferenceKind.Missing), agent.Counts.Missing);
        Assert.Equal(differences.Count(difference => difference.Kind == DifferenceKind.Extra && !agent.Kept.Contains(difference.Path)), agent.Counts.Extra);
        Assert.Equal(differences.Count(difference => difference.Kind == DifferenceKind.Changed), agent.Counts.Changed);
    });

    [Fact]
    public void A_single_drifted_path_is_planned_alone() => Property.Holds(2000, (random, size) =>
    {
        var wanted = RandomTrees.Any(random, size);
        var filter = RandomTrees.Filter(random, wanted);
        var managed = ManagedTree.Of(wanted, filter);
        var seen = RandomTrees.Mutate(managed, random, 1 + (size / 5));

        // Each repair may make others possible or needless, so all paths are visited, as one event after another would.
        foreach (var difference in TreeDiff.Between(managed, ManagedTree.Of(seen, filter, managed)))
        {
            seen = TreePatch.Apply(seen, RepairPlanner.PlanFor(managed, seen, filter, difference.Path));
        }

        var plan = RepairPlanner.Plan(managed, seen, filter);
        Assert.Empty(plan.Steps);
    });

    [Fact]
    public void A_wanted_tree_that_contradicts_itself_is_refused()
    {
        var tree = new TreeBuilder().Add(TreePath.FromText("a"), TreeEditTests.File("1")).Add(TreePath.FromText("b"), TreeEditTests.File("2")).ToTree();
        foreach (var other in new[] { "b", "c" })
        {
            var wrong = new Tree(tree.Root, [new HardLinkGroup([TreePath.FromText("a"), TreePath.FromText(other)])]);
            Assert.Equal("tree.link", Assert.Throws<ProblemException>(() => RepairPlanner.Plan(wrong, Tree.Empty, TreeFilter.Everything)).Code);
        }
    }

    [Fact]
    public void Each_content_is_needed_once_and_counted_once()
    {
        var wanted = new TreeBuilder()
            .Add(TreePath.FromText("a"), TreeEditTests.File("same")).Add(TreePath.FromText("b"), TreeEditTests.File("same"))
            .Add(TreePath.FromText("empty"), TreeEditTests.File("")).ToTree();
        var plan = RepairPlanner.Plan(wanted, Tree.Empty, TreeFilter.Everything);
        Assert.Equal(new RepairCounts(3, 0, 0, 4), plan.Counts);
        Assert.Single(plan.Needs);
    }

    [Fact]
    public void A_file_that_shares_its_inode_with_an_unmanaged_name_is_put_anew_and_not_changed_in_place()
    {
        TreePath managed = TreePath.FromText("a"), left = TreePath.FromText("left/alone");
        var wanted = new TreeBuilder().Add(managed, TreeEditTests.File("1") with { Mode = 0x180 }).ToTree();
        var seen = new TreeBuilder().Add(managed, TreeEditTests.File("1")).Link(left, managed).ToTree();
        var step = Assert.Single(RepairPlanner.Plan(wanted, seen, TreeFilter.Parse("ignore /left")).Steps);
        Assert.IsType<RepairStep.PutFile>(step);
    }

    [Fact]
    public void A_directory_in_the_way_that_holds_something_unmanaged_blocks_and_loses_nothing()
    {
        var wanted = new TreeBuilder().Add(TreePath.FromText("data"), TreeEditTests.File("1")).ToTree();
        var seen = new TreeBuilder().Add(TreePath.FromText("data/keep/x"), TreeEditTests.File("2")).Add(TreePath.FromText("data/y"), TreeEditTests.File("3")).ToTree();
        var plan = RepairPlanner.Plan(wanted, seen, TreeFilter.Parse("ignore /data/keep"));
        Assert.Empty(plan.Steps);
        Assert.Equal(TreePath.FromText("data"), Assert.Single(plan.Blocked).Path);
    }

    private static void RequireUnmanagedUntouched(Tree seen, Tree after, TreeFilter filter, RepairPlan plan)
    {
        foreach (var (path, entry) in TreeWalk.Entries(seen))
        {
            if (!filter.Manages(path))
            {
                var now = after.Find(path);
                Assert.True(now is not null, $"{path} is gone");
                Assert.Equal(Facets.None, TreeDiff.Between(entry, now));
            }
        }

        foreach (var (path, entry) in TreeWalk.Entries(after))
        {
            if (!filter.Manages(path) && seen.Find(path) is null)
            {
                Assert.Equal(EntryKind.Directory, entry.Kind);
                Assert.Equal(Passage.ModeWhenMade, entry.Mode);
                Assert.Contains(TreeWalk.Within(path, entry), below => filter.Manages(below.Path));
            }
        }

        Assert.All(plan.Steps, step => Assert.True(step is RepairStep.MakeDirectory || filter.Manages(step.Path), $"{step} is not managed"));
        Assert.All(plan.Steps, step => Assert.False(AgentFolders.Contains(step.Path)));
    }
}
