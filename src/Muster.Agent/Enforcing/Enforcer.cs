using Muster.Agent.Applying;
using Muster.Agent.Fetching;
using Muster.Agent.Identity;
using Muster.Agent.Watching;
using Muster.Core.Objects;
using Muster.Core.Plans;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Protocol.Machines;

namespace Muster.Agent.Enforcing;

/// <summary>How the paths that were dealt with are now.</summary>
internal enum Verdict
{
    /// <summary>As they are wanted, or told of in mode monitor.</summary>
    Good,

    /// <summary>Something differs and is left alone for now, because it is at war.</summary>
    LeftAlone,

    /// <summary>Something could not be put right: the whole tree needs a look.</summary>
    Unsettled,
}

/// <summary>
/// Puts right at once what changed without anyone having wanted it, or in mode monitor only tells. It compares just the paths that
/// changed and takes content from the local cache, so it needs no scan, and the server only for what the cache does not have (yet). Who
/// did it is found afterwards.
/// </summary>
internal sealed class Enforcer(KeptTree kept, ObjectCache cache, Fetcher fetcher, DriftReporter reporter, RevertWars wars, Conditions conditions, AgentClock clock)
{
    // What is moved while it is repaired is looked at again this often before the whole tree is.
    private const int Rounds = 3;

    private readonly Lock telling = new();
    private Dictionary<TreePath, Change> pending = [];

    /// <summary>When a path at war is to be looked at again, by <see cref="AgentClock.Running"/>.</summary>
    public TimeSpan? NextAt => wars.NextAt;

    /// <summary>Changes that could not be dealt with at once, for who tells of them when they are; once.</summary>
    public IReadOnlyDictionary<TreePath, Change> TakePending()
    {
        var taken = pending;
        pending = [];
        return taken;
    }

    /// <summary>Deals with changes that came together.</summary>
    public async Task<Verdict> EnforceAsync(IReadOnlyList<Change> changes, WantedImage wanted, MachineMode mode, CancellationToken cancellationToken)
    {
        var first = new Dictionary<TreePath, Change>();
        var whole = new HashSet<TreePath>();
        foreach (var change in changes)
        {
            var path = change.Path;
            if (!wanted.MayMatter(path) || (mode == MachineMode.Image && wars.Defer(path)))
            {
                continue;
            }

            first.TryAdd(path, change);
            if (change.IsDirectory && (change.What & (ChangeKinds.Created | ChangeKinds.MovedHere)) != 0)
            {
                whole.Add(path);
            }
        }

        return first.Count == 0 ? Verdict.Good : await EnforceAsync(new Look(first.Keys, whole, first, wanted, mode), cancellationToken);
    }

    /// <summary>Deals with paths that no event told of.</summary>
    public Task<Verdict> EnforceAsync(IReadOnlyCollection<TreePath> paths, WantedImage wanted, MachineMode mode, CancellationToken cancellationToken) =>
        EnforceAsync(new Look(paths, new HashSet<TreePath>(), [], wanted, mode) { Verify = true }, cancellationToken);

    /// <summary>Restores once more what a war had paused, and sees what became of what it still pauses.</summary>
    public async Task<Verdict> ContinueWarsAsync(WantedImage wanted, MachineMode mode, CancellationToken cancellationToken)
    {
        var (restore, look) = wars.Due();
        RaiseWars();
        if (restore.Count + look.Count == 0)
        {
            return Verdict.Good;
        }

        // What we restore ourselves is no new attack.
        return await EnforceAsync(new Look([.. restore, .. look], new HashSet<TreePath>(), [], wanted, mode) { Verify = true, Counts = false }, cancellationToken);
    }

    private async Task<Verdict> EnforceAsync(Look look, CancellationToken cancellationToken)
    {
        var left = false;
        for (var round = 1; ; round++)
        {
            var (tree, looked) = await kept.LookAgainAsync(look.Paths, look.Whole, look.Wanted, look.Verify, cancellationToken);
            if (ReferenceEquals(tree.Root, kept.Seen!.Root) || tree.Digest == kept.Seen.Digest)
            {
                return left ? Verdict.LeftAlone : Verdict.Good;
            }

            var plan = Only(RepairPlanner.PlanFor(look.Wanted.Managed, tree, look.Wanted.Filter, looked.Count == 1 ? looked.First() : TreePath.Root), looked);
            var now = look.Mode == MachineMode.Image ? wars.Spare(plan) : plan;
            left |= now.Steps.Count < plan.Steps.Count;
            if (now.Steps.Count == 0 || look.Mode == MachineMode.Monitor)
            {
                kept.Replace(tree);
                reporter.Add(now, look.Changes, "reported", clock.Time.GetTimestamp(), new HashSet<TreePath>(), null);
                return plan.Blocked.Count > 0 ? Verdict.Unsettled : left ? Verdict.LeftAlone : Verdict.Good;
            }

            var moved = await RepairAsync(now, tree, look, cancellationToken);
            if (moved is { Count: 0 })
            {
                return plan.Blocked.Count > 0 ? Verdict.Unsettled : left ? Verdict.LeftAlone : Verdict.Good;
            }

            if (moved is null || round == Rounds)
            {
                var (last, _) = await kept.LookAgainAsync(look.Paths, look.Whole, look.Wanted, verify: false, cancellationToken);
                kept.Replace(last);
                return Verdict.Unsettled;
            }

            look = look with { Paths = moved, Whole = moved };
        }
    }

    // The paths that somebody moved meanwhile, which are as nobody knows; null where nothing could be repaired.
    private async Task<HashSet<TreePath>?> RepairAsync(RepairPlan plan, Tree tree, Look look, CancellationToken cancellationToken)
    {
        ApplyResult result;
        try
        {
            result = await RepairFetchingAsync(plan, cancellationToken);
        }
        catch (ContentMissingException)
        {
            // Nothing was changed. The look at the whole tree that follows fetches it, and tells.
            pending = look.Changes;
            return null;
        }
        catch (ProblemException e)
        {
            // Some of it may have been done: that is seen by the look that follows.
            conditions.RaiseFor(e, "apply.failed", "Not repaired", "See what the message names; the agent tries again by itself.");
            reporter.Add(plan, look.Changes, "failed", clock.Time.GetTimestamp(), new HashSet<TreePath>(), null);
            return null;
        }

        var at = clock.Time.GetTimestamp();
        kept.Replace(TreePatch.Apply(tree, plan));
        var moved = result.Skipped.ToHashSet();
        var done = moved.Count == 0 ? plan : plan with { Steps = [.. plan.Steps.Where(step => !moved.Contains(step.Path))] };
        reporter.Add(done, look.Changes, "restored", at, look.Counts ? NoteRestored(done) : new HashSet<TreePath>(), NameWar);
        reporter.Lifted(result.Lifted);
        return moved;
    }

    // After an update the cache fills slowly; until it is full one small question is much quicker than a look at the whole tree.
    private async Task<ApplyResult> RepairFetchingAsync(RepairPlan plan, CancellationToken cancellationToken)
    {
        var content = new LocalContent(cache, kept.Files, () => null);
        try
        {
            return kept.Files.Repair(plan, content, cancellationToken);
        }
        catch (ContentMissingException missing)
        {
            try
            {
                await fetcher.FetchAsync([.. missing.Missing.Select(one => new ObjectReference(ObjectKind.File, one))], null, cancellationToken);
            }
            catch (ProblemException)
            {
                // Why it cannot be had is said by the look at the whole tree, which asks again.
                throw missing;
            }

            return kept.Files.Repair(plan, content, cancellationToken);
        }
    }

    // What differs elsewhere is known already: it is at war, blocked, or waits for the next look at the whole tree.
    private static RepairPlan Only(RepairPlan plan, HashSet<TreePath> looked) => plan with
    {
        Steps = [.. plan.Steps.Where(step => IsWithin(step.Path, looked))],
        Blocked = [.. plan.Blocked.Where(blocked => IsWithin(blocked.Path, looked))],
    };

    private static bool IsWithin(TreePath path, HashSet<TreePath> looked)
    {
        for (; ; path = path.Parent)
        {
            if (looked.Contains(path))
            {
                return true;
            }

            if (path.IsRoot)
            {
                return false;
            }
        }
    }

    private HashSet<TreePath> NoteRestored(RepairPlan plan)
    {
        var begun = plan.Steps.Where(step => wars.Restored(step.Path)).Select(step => step.Path).ToHashSet();
        if (begun.Count > 0)
        {
            RaiseWars();
        }

        return begun;
    }

    private void NameWar(TreePath path, Culprit? culprit)
    {
        if (culprit is not null)
        {
            wars.Name(path, $"{culprit.Process ?? "process"} (pid {culprit.Pid}{(culprit.Login is null ? "" : $", {culprit.Login}")}{(culprit.Unit is null ? "" : $", {culprit.Unit}")})");
            RaiseWars();
        }
    }

    // Called by who restores and by who finds names: the last word must be the newest.
    private void RaiseWars()
    {
        lock (telling)
        {
            var all = wars.All;
            if (all.Count == 0)
            {
                conditions.Clear("drift.war");
                return;
            }

            var (path, who) = all[0];
            conditions.Raise("drift.war", "error", "Something keeps changing a file back",
                $"{path} is changed again each time it is restored, by {who}{(all.Count > 1 ? $" (and {all.Count - 1} more paths)" : "")}; it is left alone for a while",
                "Stop what changes it, or let the image leave the path alone with a filter line.");
        }
    }

    /// <summary>Paths to deal with together.</summary>
    /// <param name="Whole">Those that may be directories with new content.</param>
    /// <param name="Changes">What was told of them.</param>
    private sealed record Look(IReadOnlyCollection<TreePath> Paths, IReadOnlySet<TreePath> Whole, Dictionary<TreePath, Change> Changes, WantedImage Wanted, MachineMode Mode)
    {
        /// <summary>Content is read, whatever is remembered of it.</summary>
        public bool Verify { get; init; }

        /// <summary>A restoration counts as one in a war.</summary>
        public bool Counts { get; init; } = true;
    }
}
