using Muster.Agent.Applying;
using Muster.Agent.Fetching;
using Muster.Agent.Identity;
using Muster.Agent.Session;
using Muster.Core.Objects;
using Muster.Core.Plans;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;

namespace Muster.Agent.Enforcing;

/// <summary>Makes the whole tree like its image: scan, plan, fetch, apply, look again, until it is.</summary>
internal sealed class Updater(KeptTree kept, Fetcher fetcher, ObjectCache cache, MachineReport report, Conditions conditions, AgentClock clock, KeeperOptions options, InstallationId installation)
{
    // Somebody may change the tree while we do; a tree that never holds still is said to be so.
    private const int Rounds = 5;

    /// <summary>Differences found before the first round, for those who ask whether there were any.</summary>
    public RepairPlan? FirstPlan { get; private set; }

    /// <summary>Compares, and repairs in mode image.</summary>
    /// <param name="told">When the order came, as a timestamp; null where this is no answer to a new one.</param>
    /// <returns>True if the tree is now as it is wanted.</returns>
    public async Task<bool> ConvergeAsync(WantedImage wanted, MachineMode mode, long order, long? told, CancellationToken cancellationToken)
    {
        FirstPlan = null;
        ApplyResult? applied = null;
        TimeSpan? appliedAfter = null;
        for (var round = 0; ; round++)
        {
            if (kept.Seen is null)
            {
                await ScanAsync(wanted, cancellationToken);
            }

            kept.Share(wanted.Tree);
            var managed = kept.Managed(wanted);
            var plan = managed.Digest == wanted.Tree.Digest ? null : RepairPlanner.PlanFor(wanted.Managed, kept.Seen!, wanted.Filter, TreePath.Root);
            FirstPlan ??= plan;
            Blocked(plan);
            if (plan is null || plan.Steps.Count == 0 || mode == MachineMode.Monitor || round == Rounds)
            {
                Done(wanted, managed, plan, mode, order, round == Rounds);
                if (applied is not null && told is { } from)
                {
                    Updated(order, applied, appliedAfter!.Value, clock.Time.GetElapsedTime(from));
                }

                return plan is null;
            }

            applied = Sum(applied, await RepairAsync(plan, new ApplyOrder(installation, order, wanted.Digest), cancellationToken));
            appliedAfter = told is { } since ? clock.Time.GetElapsedTime(since) : null;
            kept.Forget();
        }
    }

    private async Task ScanAsync(WantedImage wanted, CancellationToken cancellationToken)
    {
        report.Progress("scanning", 0, 0, "entries");
        await kept.ScanAsync(wanted.Filter, counts => report.Progress("scanning", counts.Entries, 0, "entries"), clock.Time, cancellationToken);
        report.Set(now => now with { Progress = null });
    }

    private async Task<ApplyResult> RepairAsync(RepairPlan plan, ApplyOrder order, CancellationToken cancellationToken)
    {
        var content = new LocalContent(cache, kept.Files, () => kept.Seen);
        var needs = options.KeepsContent ? Missing(plan, content) : [];
        for (var attempt = 0; ; attempt++)
        {
            report.Set(now => now with { State = MachineState.Fetching, Why = null });
            await fetcher.FetchAsync(needs, (done, total) => report.Progress("fetching", done, total, "objects"), cancellationToken);
            report.Set(now => now with { State = MachineState.Updating, Progress = new AgentProgress("staging", 0, plan.Steps.Count, "steps", null) });
            try
            {
                // Off the loop's thread: it may take minutes, and orders shall be heard meanwhile.
                return await Task.Run(() => kept.Files.Apply(order, plan, content, files => report.Progress("staging", files, plan.Steps.Count, "steps"), cancellationToken), cancellationToken);
            }
            catch (ContentMissingException e) when (attempt < Rounds)
            {
                needs = [new ObjectReference(ObjectKind.File, e.Content)];
            }
            catch (ContentMissingException e)
            {
                throw new ProblemException(ProblemKind.Unavailable, "fetch.failed", $"{e.Message}, though it was fetched {attempt} times; is the disk failing?", e);
            }
        }
    }

    private static List<ObjectReference> Missing(RepairPlan plan, LocalContent content) =>
        [.. plan.Needs.Where(need => !content.IsInTree(need.Key)).Select(need => new ObjectReference(ObjectKind.File, need.Key))];

    private void Done(WantedImage wanted, Tree managed, RepairPlan? plan, MachineMode mode, long order, bool gaveUp)
    {
        var isInSync = plan is null;
        var measure = TreeMeasure.Of(managed);
        var counts = new ReportCounts(measure.Entries, TreeFiles.Count(managed), measure.Bytes, plan?.Counts.Missing ?? 0, plan?.Counts.Extra ?? 0, plan?.Counts.Changed ?? 0);
        var why = isInSync ? null
            : mode == MachineMode.Monitor ? $"{plan!.Steps.Count} differences from {wanted.Name}; mode monitor changes nothing"
            : gaveUp ? $"something keeps changing the tree while it is repaired, such as {plan!.Steps[0].Path}"
            : $"{plan!.Blocked.Count} paths cannot become like {wanted.Name}";
        report.SetTree(managed, now => now with
        {
            Order = order,
            State = isInSync ? MachineState.InSync : mode == MachineMode.Monitor ? MachineState.Drifted : MachineState.Failed,
            Counts = counts,
            Progress = null,
            Why = why,
        });
        if (isInSync)
        {
            conditions.Clear("apply.failed");
            conditions.Clear("fetch.failed");
            conditions.Clear("disk.full");
        }
    }

    private void Updated(long order, ApplyResult applied, TimeSpan appliedAfter, TimeSpan verifiedAfter)
    {
        report.Set(now => now with
        {
            Update = new UpdateDetails(order, (long)appliedAfter.TotalMicroseconds, (long)verifiedAfter.TotalMicroseconds, (long)applied.Window.TotalMicroseconds,
                applied.Files, applied.Bytes, clock.Now),
        });
    }

    private void Blocked(RepairPlan? plan)
    {
        if (plan is not { Blocked.Count: > 0 })
        {
            conditions.Clear("apply.blocked");
            return;
        }

        var first = plan.Blocked[0];
        conditions.Raise("apply.blocked", "error", "Paths in the way", $"{first.Path}: {first.Why}{(plan.Blocked.Count > 1 ? $" (and {plan.Blocked.Count - 1} more)" : "")}",
            "Remove what is in the way on the machine, or change the image's filter.");
    }

    private static ApplyResult Sum(ApplyResult? before, ApplyResult now) => before is null ? now : now with
    {
        Files = before.Files + now.Files,
        Bytes = before.Bytes + now.Bytes,
        Window = before.Window + now.Window,
        Lifted = [.. before.Lifted, .. now.Lifted],
    };
}

/// <summary>Counts files without making their paths.</summary>
internal static class TreeFiles
{
    public static long Count(Tree tree) => Count(tree.Root.Loaded());

    private static long Count(TreeDirectory directory)
    {
        long count = 0;
        foreach (var entry in directory.Entries)
        {
            count += entry.Kind == EntryKind.Directory ? Count(entry.Loaded()) : entry.Kind == EntryKind.File ? 1 : 0;
        }

        return count;
    }
}
