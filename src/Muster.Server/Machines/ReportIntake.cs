using System.Text.Json;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;
using Muster.Server.Compliance;
using Muster.Server.Database;
using Muster.Server.Edge;
using Muster.Server.Events;

namespace Muster.Server.Machines;

/// <summary>
/// Takes what agents report. A machine says only what it saw of itself: every text is bounded and cleaned, every number checked, and
/// whether it is in sync is decided here by the digest of its tree. A heartbeat touches memory only.
/// </summary>
internal sealed partial class ReportIntake(
    SqlDatabase database, SeenTrees trees, CountChecks checks, EventLog events, MachinesMetrics metrics, TimeProvider time, ILogger<ReportIntake> log)
{
    private const int MostConditions = 100;
    private const int MostDrifts = 10_000;
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(1);
    private static readonly string[] Severities = ["info", "warning", "error"];
    private static readonly string[] Outcomes = ["restored", "reported", "war", "failed"];

    public async Task<ReportAnswer> TakeAsync(MachineSession session, Report report, CancellationToken cancellationToken)
    {
        session.CountReport();
        session.Heard();
        metrics.Reported();
        Check(report);
        if (report.Progress is { } progress)
        {
            await SayProgressAsync(session, progress, cancellationToken);
        }

        if (report is not { State: null, Tree: null, Counts: null, Update: null, Conditions: null, Drift: null })
        {
            var machine = await database.WriteAsync(sql => WriteAsync(sql, session, report, cancellationToken), cancellationToken);
            session.Progress = report.Progress;
            Said(machine, report);
        }

        return report.Tree is null ? new ReportAnswer([]) : await AskAsync(session, report.Tree.Value, cancellationToken);
    }

    /// <summary>Which objects of the reported tree the machine should send next.</summary>
    public async Task<ReportAnswer> AskAsync(MachineSession session, Digest tree, CancellationToken cancellationToken)
    {
        var lacked = await trees.FindLackedAsync(session.Organisation, tree, cancellationToken);
        session.Asked = (tree, lacked.ToHashSet());
        if (lacked.Count == 0)
        {
            checks.Check(session.Organisation, session.Machine);
        }

        return new ReportAnswer([.. lacked.Select(one => one.ToString())]);
    }

    private static void Check(Report report)
    {
        var faults = new Faults();
        faults.Require(report.Order >= 0, "order", "0 or more");
        faults.Require(
            report.Counts is not { } counts || new[] { counts.Entries, counts.Files, counts.Bytes, counts.Missing, counts.Extra, counts.Changed }.All(count => count >= 0), "counts", "0 or more");
        faults.Require(report.Counts is null || report.Counts.Entries <= SeenTrees.MostEntries, "counts", $"at most {SeenTrees.MostEntries} entries");
        faults.Require(report.Conditions is null || report.Conditions.Count <= MostConditions, "conditions", $"at most {MostConditions}");
        faults.Require(report.Drift is null || report.Drift.Count <= MostDrifts, "drift", $"at most {MostDrifts}");
        faults.ThrowIfAny();
    }

    private async Task SayProgressAsync(MachineSession session, AgentProgress progress, CancellationToken cancellationToken)
    {
        session.Progress = progress with { Phase = CleanText.Of(progress.Phase, 50)!, Unit = CleanText.Of(progress.Unit, 20)!, Text = CleanText.Of(progress.Text, 500) };
        var now = time.GetUtcNow();
        if (now - session.ProgressSaidAt < ProgressEvery)
        {
            return;
        }

        session.ProgressSaidAt = now;
        await database.WriteAsync(sql => events.AddAsync(sql, session.Organisation, "machine.progress", session.Machine.ToString(), new { session.Progress }, cancellationToken), cancellationToken);
    }

    private async Task<MachineRow> WriteAsync(WriteSql sql, MachineSession session, Report report, CancellationToken cancellationToken)
    {
        var before = await MachineStore.GetAsync(sql, session.Organisation, session.Machine, cancellationToken);
        var machine = Merge(before, report, time.GetUtcNow());
        await MachineStore.SetSeenAsync(sql, machine, cancellationToken);
        if (machine.State != before.State || machine.Why != before.Why || machine.Missing + machine.Extra + machine.Changed != before.Missing + before.Extra + before.Changed || report.Update is not null)
        {
            await events.AddAsync(sql, session.Organisation, "machine.changed", session.Machine.ToString(), new { machine.Name, machine.State, machine.Why }, cancellationToken);
        }

        await WriteConditionsAsync(sql, machine, report.Conditions, cancellationToken);
        await WriteDriftAsync(sql, machine, report.Drift, cancellationToken);
        return machine;
    }

    private static MachineRow Merge(MachineRow machine, Report report, DateTimeOffset now)
    {
        var tree = report.Tree is { } reported ? reported.Bytes.ToArray() : machine.Tree;
        var seen = machine with
        {
            Tree = tree,
            SeenOrder = Math.Max(machine.SeenOrder, Math.Min(report.Order, machine.OrderNumber)),
            Entries = report.Counts?.Entries ?? machine.Entries,
            Files = report.Counts?.Files ?? machine.Files,
            Bytes = report.Counts?.Bytes ?? machine.Bytes,
            Missing = report.Counts?.Missing ?? machine.Missing,
            Extra = report.Counts?.Extra ?? machine.Extra,
            Changed = report.Counts?.Changed ?? machine.Changed,
            LastUpdate = report.Update is null ? machine.LastUpdate : JsonSerializer.Serialize(report.Update, WireJson.Options),
            SeenAt = now,
        };

        // What it says of an older order is no news of this one.
        if (report.State is not { } state || report.Order != machine.OrderNumber)
        {
            return seen;
        }

        state = state == MachineState.InSync && !(tree is not null && machine.WantedTree is not null && tree.AsSpan().SequenceEqual(machine.WantedTree)) ? MachineState.Drifted : state;
        return seen with { State = Words.Of(state), Why = CleanText.Of(report.Why, 500) is { Length: > 0 } why ? why : MachineWhy.Of(state, seen) };
    }

    private async Task WriteConditionsAsync(WriteSql sql, MachineRow machine, IReadOnlyList<ConditionDetails>? reported, CancellationToken cancellationToken)
    {
        if (reported is null)
        {
            return;
        }

        var now = time.GetUtcNow();
        var present = (await ConditionStore.ListAsync(sql, machine.Organisation, machine.Id, cancellationToken)).ToDictionary(condition => condition.Code);
        var clean = reported.Select(condition => Clean(condition, now)).DistinctBy(condition => condition.Code).ToDictionary(condition => condition.Code);
        foreach (var gone in present.Values.Where(condition => condition.Source == ConditionStore.Agent && !clean.ContainsKey(condition.Code)))
        {
            await ConditionStore.ClearAsync(sql, machine.Organisation, machine.Id, gone.Code, cancellationToken);
            await events.AddAsync(sql, machine.Organisation, "condition.cleared", machine.Id.ToString(), new { Machine = machine.Name, gone.Code, gone.Title }, cancellationToken);
        }

        foreach (var condition in clean.Values.Where(condition => !present.TryGetValue(condition.Code, out var old) || old.Source == ConditionStore.Agent))
        {
            await ConditionStore.RaiseAsync(sql, machine.Organisation, machine.Id, ConditionStore.Agent, condition, cancellationToken);
            if (!present.ContainsKey(condition.Code))
            {
                await events.AddAsync(sql, machine.Organisation, "condition.raised", machine.Id.ToString(), new { Machine = machine.Name, condition.Code, condition.Severity, condition.Title }, cancellationToken);
            }
        }
    }

    private static ConditionDetails Clean(ConditionDetails condition, DateTimeOffset now) => new(
        CleanText.Of(condition.Code, 100)!,
        Severities.Contains(condition.Severity) ? condition.Severity : "warning",
        CleanText.Of(condition.Title, 200)!,
        CleanText.Of(condition.Text, 2000)!,
        CleanText.Of(condition.Cure, 2000)!,
        Sane(condition.Since, now));

    private async Task WriteDriftAsync(WriteSql sql, MachineRow machine, IReadOnlyList<DriftReport>? reported, CancellationToken cancellationToken)
    {
        if (reported is not { Count: > 0 })
        {
            return;
        }

        var now = time.GetUtcNow();
        var rows = reported.Select(drift => ToRow(machine, drift, now)).ToList();
        var added = await DriftStore.AddAsync(sql, machine.Organisation, rows, cancellationToken);
        if (added > 0)
        {
            // One event for all that came together; pages read the list.
            var newest = rows.MaxBy(row => row.At)!;
            await events.AddAsync(sql, machine.Organisation, "machine.drifted", machine.Id.ToString(), new { machine.Name, Count = added, newest.Sentence, newest.Outcome, newest.Shown }, cancellationToken);
            sql.AfterCommit(() => metrics.Drifted(rows));
        }
    }

    private static DriftRow ToRow(MachineRow machine, DriftReport drift, DateTimeOffset now)
    {
        var shown = drift.Path.ToString();
        var culprit = CleanText.Of(drift.Culprit);
        var clean = drift with
        {
            What = drift.What is "created" or "deleted" or "moved" ? drift.What : "changed",
            Outcome = Outcomes.Contains(drift.Outcome) ? drift.Outcome : "reported",
            FoundBy = drift.FoundBy == "scan" ? "scan" : "event",
            Culprit = culprit,
            Microseconds = drift.Microseconds is >= 0 ? drift.Microseconds : null,
        };
        return new DriftRow
        {
            Id = drift.Id,
            Machine = machine.Id,
            Path = drift.Path.Bytes.ToArray(),
            Shown = shown,
            What = clean.What,
            Facets = string.Join(' ', drift.Facets.Take(16).Select(facet => CleanText.Of(facet, 20)!.Replace(' ', '-'))),
            Outcome = clean.Outcome,
            Microseconds = clean.Microseconds,
            FoundBy = clean.FoundBy,
            Culprit = culprit is null ? null : JsonSerializer.Serialize(culprit, WireJson.Options),
            Sentence = DriftSentence.Of(clean, shown),
            At = Sane(drift.At, now),
        };
    }

    // A machine's clock may be anywhere; nothing of it happened in our future.
    private static DateTimeOffset Sane(DateTimeOffset at, DateTimeOffset now) => at > now || at < DateTimeOffset.UnixEpoch ? now : at;

    private void Said(MachineRow machine, Report report)
    {
        if (report.Update is { } update)
        {
            Updated(machine.Name, machine.ImageName, update.AppliedMicroseconds / 1000);
        }

        if (report.State is MachineState.Failed or MachineState.Refused)
        {
            InTrouble(machine.Name, report.State.Value, machine.Why);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Machine} now runs {Image}, applied in {Milliseconds} ms")]
    private partial void Updated(string machine, string? image, long milliseconds);

    [LoggerMessage(LogLevel.Warning, "{Machine}: {State}: {Why}")]
    private partial void InTrouble(string machine, MachineState state, string why);
}
