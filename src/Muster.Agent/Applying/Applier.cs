using Microsoft.Win32.SafeHandles;
using Muster.Core.Plans;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Agent.Applying;

/// <summary>What an update did.</summary>
/// <param name="Window">From the first change of the tree to the last: how long it was neither the old nor the new.</param>
/// <param name="Lifted">Paths whose immutable or append-only flag was in the way.</param>
/// <param name="Skipped">Paths that somebody else moved meanwhile, or that a mount holds.</param>
internal sealed record ApplyResult(long Files, long Bytes, TimeSpan Window, IReadOnlyList<TreePath> Lifted, IReadOnlyList<TreePath> Skipped);

/// <summary>How a recovery at start ended.</summary>
internal enum Recovery
{
    /// <summary>There was nothing to recover.</summary>
    Nothing,

    /// <summary>An update had not begun to change the tree, and is gone.</summary>
    Dropped,

    /// <summary>An update was finished.</summary>
    Redone,

    /// <summary>An update that had failed was taken back.</summary>
    Undone,
}

/// <summary>
/// Puts changes in place so that a crash at any moment leaves the tree as it was or as it shall be, after <see cref="Recover"/>:
/// stage everything complete, flush, commit the journal, swap, flush, forget the journal, drop the stage. Used by one thread at a time.
/// </summary>
/// <param name="root">The tree.</param>
/// <param name="stageFolder">A folder on the tree's own mount.</param>
/// <param name="journalFolder">Where the journal is kept.</param>
internal sealed class Applier(SafeFileHandle root, SafeFileHandle stageFolder, SafeFileHandle journalFolder, TimeProvider time) : IDisposable
{
    private readonly Stage stage = new(stageFolder);

    public void Dispose() => stage.Dispose();

    /// <summary>Finishes or takes back what a crash interrupted. Must come before anything else.</summary>
    public Recovery Recover()
    {
        if (JournalFile.Find(journalFolder) is not { } found)
        {
            var recovery = stage.IsEmpty ? Recovery.Nothing : Recovery.Dropped;
            stage.Clear();
            return recovery;
        }

        using var journal = found.File;
        using var runner = new StepRunner(root, stage);
        var steps = found.Journal.Steps.ToList();
        if (found.Journal.Recovery == JournalRecovery.Return)
        {
            Return(journal, steps, runner);
            return Recovery.Undone;
        }

        if (found.Journal.Recovery == JournalRecovery.Redo)
        {
            DoAll(steps, runner);
            Done(journal);
        }

        Close(journal, JournalOutcome.Applied);
        return Recovery.Redone;
    }

    /// <summary>Carries out a plan as one update.</summary>
    /// <param name="staged">Told how many files are staged.</param>
    /// <exception cref="ContentMissingException">Nothing was changed; some contents have to be fetched first.</exception>
    /// <exception cref="ProblemException">Nothing is changed, or everything was taken back.</exception>
    public ApplyResult Apply(ApplyOrder order, RepairPlan plan, IContentSource content, Action<long>? staged, CancellationToken cancellationToken)
    {
        var builder = new StageBuilder(root, stage, content, cancellationToken);
        List<JournalRecord.Staged> steps;
        JournalFile journal;
        try
        {
            steps = Prepare(plan, builder, staged);
            Linux.FlushFileSystem(stageFolder);
            cancellationToken.ThrowIfCancellationRequested();
            journal = JournalFile.Commit(journalFolder, order, steps);
        }
        catch
        {
            // A full disk must not stay full because of us. Once committed the stage is dropped only when all is done, or taken back.
            JournalFile.Forget(journalFolder);
            stage.Clear();
            throw;
        }

        using (journal)
        {
            return Carry(journal, steps, builder);
        }
    }

    /// <summary>
    /// Repairs a few places without a journal: a crash leaves the drift, or not, and the scan at the next start sees which. Nothing is
    /// flushed: that is what makes it quick.
    /// </summary>
    public ApplyResult Repair(RepairPlan plan, IContentSource content, CancellationToken cancellationToken)
    {
        var builder = new StageBuilder(root, stage, content, cancellationToken);
        var from = time.GetTimestamp();
        try
        {
            var steps = Prepare(plan, builder, null);
            using var runner = new StepRunner(root, stage);
            foreach (var step in steps)
            {
                runner.Do(step);
            }

            return new ApplyResult(builder.Files, builder.Bytes, time.GetElapsedTime(from), runner.Lifted, runner.Skipped);
        }
        finally
        {
            stage.Clear();
        }
    }

    private static List<JournalRecord.Staged> Prepare(RepairPlan plan, StageBuilder builder, Action<long>? staged)
    {
        var steps = new List<JournalRecord.Staged>(plan.Steps.Count);
        foreach (var step in plan.Steps)
        {
            if (builder.Prepare(step) is { } prepared)
            {
                steps.Add(prepared);
            }

            staged?.Invoke(builder.Files);
        }

        return builder.Missing.Count == 0 ? steps : throw new ContentMissingException(builder.Missing);
    }

    private ApplyResult Carry(JournalFile journal, List<JournalRecord.Staged> steps, StageBuilder builder)
    {
        using var runner = new StepRunner(root, stage);
        TimeSpan window;
        try
        {
            var from = time.GetTimestamp();
            DoAll(steps, runner);
            window = time.GetElapsedTime(from);
        }
        catch (ProblemException e)
        {
            journal.Append(new JournalRecord.RollBack(e.Message));
            Return(journal, steps, runner);
            throw new ProblemException(e.Kind, "apply.failed", $"the update was taken back, nothing is changed: {e.Message}", e);
        }

        Done(journal);
        Close(journal, JournalOutcome.Applied);
        return new ApplyResult(builder.Files, builder.Bytes, window, runner.Lifted, runner.Skipped);
    }

    private void Return(JournalFile journal, List<JournalRecord.Staged> steps, StepRunner runner)
    {
        for (var index = steps.Count - 1; index >= 0; index--)
        {
            runner.Undo(steps[index]);
        }

        Linux.FlushFileSystem(stageFolder);
        Close(journal, JournalOutcome.Undone);
    }

    private void Done(JournalFile journal)
    {
        Linux.FlushFileSystem(stageFolder);
        journal.Append(new JournalRecord.Done());
    }

    private void Close(JournalFile journal, JournalOutcome outcome)
    {
        journal.Close(outcome);
        stage.Clear();
    }

    private static void DoAll(List<JournalRecord.Staged> steps, StepRunner runner)
    {
        foreach (var step in steps)
        {
            runner.Do(step);
        }
    }
}
