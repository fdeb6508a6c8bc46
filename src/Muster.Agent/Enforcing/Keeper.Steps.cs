using System.Threading.Channels;
using Muster.Agent.Identity;
using Muster.Agent.Watching;
using Muster.Core.Trees;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;

namespace Muster.Agent.Enforcing;

// One thing to do after another: what changed, what is suspected, what is due.
internal sealed partial class Keeper
{
    /// <summary>Waits for one thing to do, and does it.</summary>
    private async Task StepAsync(CancellationToken cancellationToken, CancellationToken stopping)
    {
        if (preparation.Work is { IsCompleted: true })
        {
            await FinishAsync(cancellationToken);
        }
        else if (agenda.IsPreparationDue)
        {
            agenda.PreparationTaken();
            preparation.Begin(preparation.Order!, aim?.Image, kept.Seen, stopping);
        }
        else if (agenda.IsRetryDue)
        {
            await RetryAsync(cancellationToken);
        }
        else if (Changes is { } changes && changes.TryPeek(out _))
        {
            await ReactAsync(changes, cancellationToken);
        }
        else if (aim is not null && kept.Seen is not null && TakeSuspects() is { Count: > 0 } suspected)
        {
            await JudgeAsync(await enforcer.EnforceAsync(suspected, aim.Image, aim.Mode, cancellationToken), cancellationToken);
        }
        else if (aim is not null && agenda.IsRescanDue(Changes is null))
        {
            // A quick look at everything, for what events cannot show or did not.
            kept.Forget();
            await ConvergeAsync(isNew: false, gently: true, cancellationToken);
        }
        else if (aim is not null && kept.Seen is not null && enforcer.NextAt <= context.Clock.Running)
        {
            await JudgeAsync(await enforcer.ContinueWarsAsync(aim.Image, aim.Mode, cancellationToken), cancellationToken);
        }
        else if (context.Effort.HasUndone && agenda.IsEffortDue)
        {
            agenda.EffortTried();
            context.Effort.TryAgain();
        }
        else
        {
            await WaitAsync(cancellationToken);
        }
    }

    private async Task RetryAsync(CancellationToken cancellationToken)
    {
        if (agenda.RetryTaken() || Changes is null)
        {
            kept.Forget();
        }

        if (aim is not null)
        {
            await ConvergeAsync(isNew: false, gently: false, cancellationToken);
        }
    }

    private async Task ReactAsync(ChannelReader<Change> changes, CancellationToken cancellationToken)
    {
        var batch = new List<Change>();
        var lost = false;
        while (batch.Count < MostTogether && changes.TryRead(out var change))
        {
            lost |= (change.What & ChangeKinds.Lost) != 0;
            batch.Add(change);
        }

        if (aim is null || kept.Seen is null)
        {
            // The scan that comes before anything is compared sees what they would tell.
            return;
        }

        if (lost)
        {
            context.Log.Warning("more changed at once than could be told; looking at everything");
            kept.Forget();
            await ConvergeAsync(isNew: false, gently: false, cancellationToken);
            return;
        }

        await JudgeAsync(await enforcer.EnforceAsync(batch, aim.Image, aim.Mode, cancellationToken), cancellationToken);
    }

    private async Task JudgeAsync(Verdict verdict, CancellationToken cancellationToken)
    {
        if (verdict == Verdict.Unsettled && !agenda.MayLookNow)
        {
            // It could not be settled a moment ago either.
            agenda.TrySoon();
        }
        else if (verdict != Verdict.Good || updater.LeftAlone || aim!.Mode == MachineMode.Monitor)
        {
            await ConvergeAsync(isNew: aim!.Mode == MachineMode.Monitor, gently: false, cancellationToken);
        }
    }

    private List<TreePath> TakeSuspects()
    {
        lock (gate)
        {
            List<TreePath> taken = [.. suspects];
            suspects.Clear();
            return taken;
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        Task signal;
        lock (gate)
        {
            signal = woken.Task;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var due = aim is null || kept.Seen is null ? null : enforcer.NextAt;
        List<Task> waits = [signal, Task.Delay(agenda.Left(aim is not null, Changes is null, context.Effort.HasUndone, due), context.Clock.Time, stop.Token)];
        if (Changes is { } changes)
        {
            waits.Add(SeeAsync(changes, stop.Token));
        }

        if (preparation.Work is { } preparing)
        {
            waits.Add(preparing);
        }

        await Task.WhenAny(waits);
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    // A watcher that has ended will never tell anything again.
    private async Task SeeAsync(ChannelReader<Change> changes, CancellationToken cancellationToken)
    {
        try
        {
            if (await changes.WaitToReadAsync(cancellationToken))
            {
                return;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            context.Log.Error($"changes are not told any more: {e}");
        }

        isBlind = true;
        agenda.RescanNow();
        context.Conditions.Raise("events.unsupported", "warning", "Changes found by scanning only", "the watcher of this file system has ended", "Restart the agent; until then drift is found by the next scan.");
    }
}
