using Muster.Agent.Applying;
using Muster.Agent.Fetching;
using Muster.Agent.Identity;
using Muster.Agent.Session;
using Muster.Core.Objects;
using Muster.Core.Plans;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;

namespace Muster.Agent.Enforcing;

/// <summary>What a tree is made like.</summary>
/// <param name="Number">Of the order that wants it.</param>
internal sealed record Aim(WantedImage Image, MachineMode Mode, long Number);

/// <summary>Why the whole tree is looked at, and how.</summary>
/// <param name="Told">When the order that is being carried out came, as a timestamp; null where nobody waits for it.</param>
/// <param name="Gently">Nobody waits: others have the disk first.</param>
/// <param name="Aside">A newer order is being prepared meanwhile, and its state is what is told.</param>
internal sealed record Occasion(long? Told = null, bool Gently = false, bool Aside = false);

/// <summary>Makes the whole tree like its image: scan, plan, fetch, apply, look again, until it is.</summary>
internal sealed class Updater(
    KeptTree kept, Fetcher fetcher, ObjectCache cache, RevertWars wars, MachineReport report, Conditions conditions, AgentClock clock, KeeperOptions options, InstallationId installation)
{
    // Somebody may change the tree while we do; what has to be repaired this often is said never to hold still. Something else each
    // time is only a busy machine.
    private const int Rounds = 5;

    /// <summary>Differences found before the first round, for those who ask whether there were any.</summary>
    public RepairPlan? FirstPlan { get; private set; }

    /// <summary>True if the last look found something that is left alone for now, because it is at war.</summary>
    public bool LeftAlone { get; private set; }

    /// <summary>True if the last look was more than a comparison.</summary>
    public bool Worked { get; private set; }

    /// <summary>Compares, and repairs in mode image.</summary>
    /// <returns>True if the tree is now as it is wanted.</returns>
    public async Task<bool> ConvergeAsync(Aim aim, Occasion occasion, CancellationToken cancellationToken)
    {
        (FirstPlan, LeftAlone, Worked) = (null, false, false);
        var wanted = aim.Image;
        ApplyResult? applied = null;
        TimeSpan? appliedAfter = null;
        var repairs = new Dictionary<TreePath, int>();
        while (true)
        {
            if (kept.Seen is null)
            {
                Worked = true;
                await ScanAsync(wanted, occasion, cancellationToken);
            }

            kept.Share(wanted.Tree);
            var managed = kept.Managed(wanted);
            var plan = managed.Digest == wanted.Tree.Digest ? null : RepairPlanner.PlanFor(wanted.Managed, kept.Seen!, wanted.Filter, TreePath.Root);
            FirstPlan ??= plan;
            Blocked(plan);
            var now = plan is null || aim.Mode == MachineMode.Monitor ? null : wars.Spare(plan);
            LeftAlone = now is not null && now.Steps.Count < plan!.Steps.Count;
            var restless = now?.Steps.FirstOrDefault(step => repairs.GetValueOrDefault(step.Path) >= Rounds)?.Path;
            if (now is null || now.Steps.Count == 0 || restless is not null)
            {
                Done(aim, occasion, managed, plan, restless);
                if (applied is not null && occasion.Told is { } from)
                {
                    Updated(aim.Number, applied, appliedAfter!.Value, clock.Time.GetElapsedTime(from));
                }

                return plan is null;
            }

            foreach (var step in now.Steps)
            {
                repairs[step.Path] = repairs.GetValueOrDefault(step.Path) + 1;
            }

            Worked = true;
            applied = Sum(applied, await RepairAsync(now, new ApplyOrder(installation, aim.Number, wanted.Digest), occasion, cancellationToken));
            appliedAfter = occasion.Told is { } since ? clock.Time.GetElapsedTime(since) : null;
            kept.Forget();
        }
    }

    /// <summary>Brings the content that an image has and neither cache nor tree.</summary>
    public Task FetchAheadAsync(WantedImage wanted, Tree seen, CancellationToken cancellationToken)
    {
        var known = options.KeepsContent ? TreeWalk.Files(seen) : null;
        var missing = known is null ? [] : TreeWalk.Files(wanted.Managed).Keys.Where(one => !known.ContainsKey(one)).Select(one => new ObjectReference(ObjectKind.File, one)).ToList();
        report.Set(now => now with { State = MachineState.Fetching, Why = null });
        return fetcher.FetchAsync(missing, (done, total) => report.Progress("fetching", done, total, "objects"), cancellationToken);
    }

    private async Task ScanAsync(WantedImage wanted, Occasion occasion, CancellationToken cancellationToken)
    {
        Action<ScanProgress>? progress = occasion.Aside ? null : counts => report.Progress("scanning", counts.Entries, 0, "entries");
        var found = await kept.ScanAsync(wanted.Filter, occasion.Gently, progress, clock.Time, cancellationToken);
        if (!occasion.Aside)
        {
            report.Set(now => now with { Progress = null });
        }

        NotSeen(found, wanted);
    }

    private async Task<ApplyResult> RepairAsync(RepairPlan plan, ApplyOrder order, Occasion occasion, CancellationToken cancellationToken)
    {
        var content = new LocalContent(cache, kept.Files, () => kept.Seen);
        var needs = options.KeepsContent ? Missing(plan, content) : [];
        for (var attempt = 0; ; attempt++)
        {
            Tell(occasion, now => now with { State = MachineState.Fetching, Why = null });
            await fetcher.FetchAsync(needs, (done, total) => Progress(occasion, "fetching", done, total, "objects"), cancellationToken);
            Tell(occasion, now => now with { State = MachineState.Updating, Progress = new AgentProgress("staging", 0, plan.Steps.Count, "steps", null) });
            try
            {
                // Off the loop's thread: it may take minutes, and orders shall be heard meanwhile.
                return await Task.Run(() => kept.Files.Apply(order, plan, content, files => Progress(occasion, "staging", files, plan.Steps.Count, "steps"), cancellationToken), cancellationToken);
            }
            catch (ContentMissingException e) when (attempt < Rounds)
            {
                needs = [.. e.Missing.Select(one => new ObjectReference(ObjectKind.File, one))];
            }
            catch (ProblemException)
            {
                // It should have been taken back, but a look is better than to believe it.
                kept.Forget();
                throw;
            }
            catch (ContentMissingException e)
            {
                throw new ProblemException(ProblemKind.Unavailable, "fetch.failed", $"{e.Message}, though it was fetched {attempt} times; is the disk failing?", e);
            }
        }
    }

    private static List<ObjectReference> Missing(RepairPlan plan, LocalContent content) =>
        [.. plan.Needs.Where(need => !content.IsInTree(need.Key)).Select(need => new ObjectReference(ObjectKind.File, need.Key))];

    private void Tell(Occasion occasion, Func<Report, Report> change)
    {
        if (!occasion.Aside)
        {
            report.Set(change);
        }
    }

    private void Progress(Occasion occasion, string phase, long done, long total, string unit) =>
        Tell(occasion, now => now with { Progress = new AgentProgress(phase, done, total, unit, null) });

    private void Done(Aim aim, Occasion occasion, Tree managed, RepairPlan? plan, TreePath? restless)
    {
        var (wanted, mode, order) = aim;
        var isInSync = plan is null;
        var measure = TreeMeasure.Of(managed);
        var counts = new ReportCounts(measure.Entries, TreeFiles.Count(managed), measure.Bytes, plan?.Counts.Missing ?? 0, plan?.Counts.Extra ?? 0, plan?.Counts.Changed ?? 0);
        var why = isInSync ? null
            : mode == MachineMode.Monitor ? $"{plan!.Steps.Count} differences from {wanted.Name}; mode monitor changes nothing"
            : LeftAlone ? $"{plan!.Steps[0].Path} is left alone for a while, because something keeps changing it back"
            : restless is not null ? $"something keeps changing the tree while it is repaired, such as {restless}"
            : $"{plan!.Blocked.Count} paths cannot become like {wanted.Name}";
        report.SetTree(managed, now => occasion.Aside ? now with { Counts = counts } : now with
        {
            Order = order,
            State = isInSync ? MachineState.InSync : mode == MachineMode.Monitor || (LeftAlone && restless is null) ? MachineState.Drifted : MachineState.Failed,
            Counts = counts,
            Progress = null,
            Why = why,
        });
        if (isInSync)
        {
            conditions.Clear("apply.failed");
        }

        if (isInSync && !occasion.Aside)
        {
            conditions.Clear("fetch.failed");
        }
    }

    // What the tree that is compared does not show, or shows otherwise than programs see it.
    private void NotSeen(ScanResult found, WantedImage wanted)
    {
        var unread = found.Complaints.Where(one => wanted.Filter.Manages(one.Path)).ToList();
        if (unread.Count == 0)
        {
            conditions.Clear("files.unreadable");
        }
        else
        {
            conditions.Raise("files.unreadable", "warning", "Files could not be read", $"{unread[0].Path}: {unread[0].Message}{More(unread.Count)}",
                "See what the message names; a file that never holds still is better left to a filter line.");
        }

        var mounts = found.Mounts.Where(path => wanted.Filter.Manages(path) && wanted.Filter.MayManageBelow(path)).ToList();
        if (mounts.Count == 0)
        {
            conditions.Clear("mounts.not-kept");
        }
        else
        {
            conditions.Raise("mounts.not-kept", "warning", "Other file systems are not kept",
                $"{string.Join(", ", mounts.Take(10))}{More(mounts.Count, 10)}: another file system is mounted there, and programs see what is on it; what is compared and repaired is the directory of the root file system below it",
                "Let the image leave such a directory alone with a filter line (ignore DIRECTORY/**), or keep it on the root file system.");
        }
    }

    private static string More(int count, int told = 1) => count > told ? $" (and {count - told} more)" : "";

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
        conditions.Raise("apply.blocked", "error", "Paths in the way", $"{first.Path}: {first.Why}{More(plan.Blocked.Count)}",
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
