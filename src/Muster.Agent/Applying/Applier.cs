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
        if (Journal.Load(journalFolder) is not { } journal)
        {
            var recovery = stage.IsEmpty ? Recovery.Nothing : Recovery.Dropped;
            stage.Clear();
            return recovery;
        }

        using var runner = new StepRunner(root, stage);
        if (journal.State == JournalState.Committed)
        {
            DoAll(journal, runner);
        }
        else
        {
            UndoAll(journal, runner);
        }

        Finish();
        return journal.State == JournalState.Committed ? Recovery.Redone : Recovery.Undone;
    }

    /// <summary>Carries out a plan as one update.</summary>
    /// <param name="staged">Told how many files are staged.</param>
    /// <exception cref="ContentMissingException">Nothing was changed; some content has to be fetched first.</exception>
    /// <exception cref="ProblemException">Nothing is changed, or everything was taken back.</exception>
    public ApplyResult Apply(long order, RepairPlan plan, IContentSource content, Action<long>? staged, CancellationToken cancellationToken)
    {
        var builder = new StageBuilder(root, stage, content, cancellationToken);
        Journal journal;
        try
        {
            journal = new Journal(JournalState.Committed, order, Prepare(plan, builder, staged));
            Linux.FlushFileSystem(stageFolder);
            cancellationToken.ThrowIfCancellationRequested();
            journal.Save(journalFolder);
        }
        catch
        {
            // A full disk must not stay full because of us.
            stage.Clear();
            throw;
        }

        return Commit(journal, builder);
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

    private static List<ApplyStep> Prepare(RepairPlan plan, StageBuilder builder, Action<long>? staged)
    {
        var steps = new List<ApplyStep>(plan.Steps.Count);
        foreach (var step in plan.Steps)
        {
            if (builder.Prepare(step) is { } prepared)
            {
                steps.Add(prepared);
            }

            staged?.Invoke(builder.Files);
        }

        return steps;
    }

    private ApplyResult Commit(Journal journal, StageBuilder builder)
    {
        using var runner = new StepRunner(root, stage);
        TimeSpan window;
        try
        {
            var from = time.GetTimestamp();
            DoAll(journal, runner);
            window = time.GetElapsedTime(from);
        }
        catch (ProblemException e)
        {
            var undoing = journal with { State = JournalState.Undoing };
            undoing.Save(journalFolder);
            UndoAll(undoing, runner);
            Finish();
            throw new ProblemException(e.Kind, "apply.failed", $"the update was taken back, nothing is changed: {e.Message}", e);
        }

        Finish();
        return new ApplyResult(builder.Files, builder.Bytes, window, runner.Lifted, runner.Skipped);
    }

    private void Finish()
    {
        Linux.FlushFileSystem(stageFolder);
        Journal.Remove(journalFolder);
        stage.Clear();
    }

    private static void DoAll(Journal journal, StepRunner runner)
    {
        foreach (var step in journal.Steps)
        {
            runner.Do(step);
        }
    }

    private static void UndoAll(Journal journal, StepRunner runner)
    {
        for (var index = journal.Steps.Count - 1; index >= 0; index--)
        {
            runner.Undo(journal.Steps[index]);
        }
    }
}
