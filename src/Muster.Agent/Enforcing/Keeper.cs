using Muster.Agent.Fetching;
using Muster.Agent.Identity;
using Muster.Agent.Scanning;
using Muster.Agent.Session;
using Muster.Agent.Watching;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;

namespace Muster.Agent.Enforcing;

/// <summary>How hard the keeper tries.</summary>
/// <param name="RescanEvery">How often everything is looked at by its attributes.</param>
/// <param name="VerifyWithin">In what time the content of everything is read again.</param>
/// <param name="CacheLimit">Bytes of the local object cache.</param>
internal sealed record KeeperOptions(TimeSpan RescanEvery, TimeSpan VerifyWithin, long CacheLimit)
{
    /// <summary>False for simulated machines, which have no content.</summary>
    public bool KeepsContent { get; init; } = true;
}

/// <summary>
/// Keeps one tree as the last order says, for ever: the only one that changes it. Takes orders at any moment and changes as they
/// come; works on one thing at a time; tries again what failed. Needs no server for anything it has done before.
/// </summary>
internal sealed class Keeper(KeptTree kept, ImageLoader images, Updater updater, Enforcer enforcer, Caretaker caretaker, KeeperContext context)
{
    // A burst is dealt with together; more than this is a scan's work.
    private const int MostTogether = 20_000;

    private readonly Backoff backoff = new(Random.Shared);
    private readonly Lock gate = new();
    private TaskCompletionSource ordered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action giveUp = static () => { };
    private readonly HashSet<TreePath> differing = [];
    private (Order Order, long? At)? next;
    private WantedImage? wanted;
    private MachineMode mode;
    private long number;
    private DateTimeOffset? retryAt;
    private DateTimeOffset rescanAt;
    private bool isInSync;

    private TimeProvider Time => context.Clock.Time;

    /// <summary>A new order: work for an older one is given up, as far as it can be.</summary>
    /// <param name="isNew">False for one that was known when the agent started: what differs from it is drift and not an update.</param>
    public void Tell(Order order, bool isNew)
    {
        lock (gate)
        {
            next = (order, isNew ? Time.GetTimestamp() : null);
            giveUp();
            ordered.TrySetResult();
        }
    }

    /// <summary>The server is back: what failed for want of it is tried at once.</summary>
    public void TryAgain()
    {
        lock (gate)
        {
            if (retryAt is not null)
            {
                retryAt = Time.GetUtcNow();
                ordered.TrySetResult();
            }
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var work = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            (Order Order, long? At)? order;
            lock (gate)
            {
                (order, next) = (next, null);
                ordered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                giveUp = work.Cancel;
            }

            try
            {
                await (order is { } told ? AdoptAsync(told.Order, told.At, work.Token) : StepAsync(work.Token));
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                context.Log.Debug("a newer order came");
            }
            catch (ProblemException e)
            {
                Failed(e);
            }
            finally
            {
                lock (gate)
                {
                    giveUp = static () => { };
                }
            }
        }
    }

    private async Task AdoptAsync(Order order, long? at, CancellationToken cancellationToken)
    {
        number = order.Number;
        retryAt = null;
        backoff.Reset();
        var step = order.Steps.Count == 0 ? null : order.Steps[^1];
        if (step is not { Kind: "keep" })
        {
            wanted = null;
            isInSync = false;
            context.Report.Set(now => now with { Order = number, State = MachineState.Unknown, Why = "nothing is wanted of this machine", Progress = null, Counts = null });
            return;
        }

        mode = step.Mode!.Value;
        context.Report.Set(now => now with { Order = number, State = MachineState.Planned, Why = null });
        retryAt = Time.GetUtcNow();
        if (wanted?.Digest != step.Image!.Value)
        {
            wanted = null;
            wanted = await images.LoadAsync(step.Image.Value, step.ImageName ?? step.Image.Value.ToString()[..12], cancellationToken);
        }

        await ConvergeAsync(at, cancellationToken);
    }

    private async Task ConvergeAsync(long? told, CancellationToken cancellationToken)
    {
        retryAt = Time.GetUtcNow();
        isInSync = await updater.ConvergeAsync(wanted!, mode, number, told, cancellationToken);
        TellDrift(told is not null);
        retryAt = isInSync || mode == MachineMode.Monitor ? null : Time.GetUtcNow() + TimeSpan.FromMinutes(1);
        rescanAt = Time.GetUtcNow() + context.Options.RescanEvery;
        backoff.Reset();
        if (isInSync)
        {
            context.Orders.Fulfilled(number);
            caretaker.Begin(wanted!);
        }

        if (context.Options.KeepsContent)
        {
            // A machine is quiet for hours after this; the memory of the work is given back.
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }

    // What a look at the whole tree found, once: in mode monitor it stays, and is found again each time.
    private void TellDrift(bool isUpdate)
    {
        var plan = updater.FirstPlan;
        var changes = enforcer.TakePending();
        var fresh = plan is null || isUpdate ? [] : plan.Steps.Where(step => mode == MachineMode.Image || !differing.Contains(step.Path)).ToList();
        if (fresh.Count > 0)
        {
            context.Drifts.Add(plan! with { Steps = fresh }, changes, mode == MachineMode.Monitor ? "reported" : isInSync ? "restored" : "failed", Time.GetTimestamp(), new HashSet<TreePath>(), null);
        }

        KnowDifferences();
    }

    private void KnowDifferences()
    {
        differing.Clear();
        if (mode == MachineMode.Monitor && updater.FirstPlan is { } plan)
        {
            differing.UnionWith(plan.Steps.Select(step => step.Path));
        }
    }

    /// <summary>Waits for one thing to do, and does it.</summary>
    private async Task StepAsync(CancellationToken cancellationToken)
    {
        var now = Time.GetUtcNow();
        if (retryAt <= now)
        {
            await RetryAsync(cancellationToken);
        }
        else if (wanted is not null && kept.Seen is not null && kept.Files.Changes is { } changes && changes.TryPeek(out _))
        {
            await ReactAsync(changes, cancellationToken);
        }
        else if (wanted is not null && rescanAt <= now)
        {
            await RescanAsync(cancellationToken);
        }
        else if (wanted is not null && enforcer.NextAt <= now)
        {
            await JudgeAsync(await enforcer.ContinueWarsAsync(wanted, mode, cancellationToken), cancellationToken);
        }
        else if (wanted is not null && isInSync && caretaker.NextAt <= now)
        {
            var suspects = await caretaker.StepAsync(wanted, cancellationToken);
            if (suspects.Count > 0)
            {
                await JudgeAsync(await enforcer.EnforceAsync(suspects, wanted, mode, cancellationToken), cancellationToken);
            }
        }
        else
        {
            await WaitAsync(now, cancellationToken);
        }
    }

    private async Task RetryAsync(CancellationToken cancellationToken)
    {
        retryAt = null;
        if (wanted is null)
        {
            if (context.Orders.Last is { } order)
            {
                await AdoptAsync(order, null, cancellationToken);
            }

            return;
        }

        kept.Forget();
        await ConvergeAsync(null, cancellationToken);
    }

    private async Task ReactAsync(System.Threading.Channels.ChannelReader<Change> changes, CancellationToken cancellationToken)
    {
        var batch = new List<Change>();
        var lost = false;
        while (batch.Count < MostTogether && changes.TryRead(out var change))
        {
            lost |= (change.What & ChangeKinds.Lost) != 0;
            batch.Add(change);
        }

        if (lost)
        {
            context.Log.Warning("more changed at once than could be told; looking at everything");
            await RescanAsync(cancellationToken);
            return;
        }

        await JudgeAsync(await enforcer.EnforceAsync(batch, wanted!, mode, cancellationToken), cancellationToken);
    }

    // A quick look at everything, for what events cannot show or did not.
    private async Task RescanAsync(CancellationToken cancellationToken)
    {
        rescanAt = Time.GetUtcNow() + context.Options.RescanEvery;
        kept.Forget();
        await ConvergeAsync(null, cancellationToken);
    }

    private async Task JudgeAsync(bool good, CancellationToken cancellationToken)
    {
        if (!good)
        {
            isInSync = false;
            await ConvergeAsync(null, cancellationToken);
            return;
        }

        if (mode == MachineMode.Monitor)
        {
            isInSync = await updater.ConvergeAsync(wanted!, mode, number, null, cancellationToken);
            KnowDifferences();
        }
    }

    private async Task WaitAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        Task signal;
        lock (gate)
        {
            signal = ordered.Task;
        }

        DateTimeOffset?[] dues = wanted is null ? [retryAt] : [retryAt, rescanAt, enforcer.NextAt, isInSync ? caretaker.NextAt : null];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waits = new List<Task> { signal, Task.Delay(dues.Min() is { } due ? due - now : Timeout.InfiniteTimeSpan, Time, stop.Token) };
        if (wanted is not null && kept.Files.Changes is { } changes)
        {
            waits.Add(changes.WaitToReadAsync(stop.Token).AsTask());
        }

        await Task.WhenAny(waits);
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Failed(ProblemException e)
    {
        isInSync = false;
        retryAt = Time.GetUtcNow() + (e.RetryAfter ?? TimeSpan.FromSeconds(1) + backoff.Next());
        var isFetch = e.Code is "fetch.failed" or "server.unreachable" or "object.unknown" || e.Code.StartsWith("server.", StringComparison.Ordinal);
        context.Log.Warning(e.Message);
        context.Conditions.RaiseFor(e, isFetch ? "fetch.failed" : "apply.failed", isFetch ? "Content not received" : "Update failed",
            isFetch ? "See that the server can be reached and has the image; the agent goes on by itself." : "See what the message names; the agent tries again by itself.");
        context.Report.Set(now => now with { State = MachineState.Failed, Progress = null, Why = e.Message });
    }
}

/// <summary>What the keeper shares with the rest of the agent.</summary>
internal sealed record KeeperContext(KeeperOptions Options, OrderBook Orders, MachineReport Report, DriftReporter Drifts, Conditions Conditions, AgentClock Clock, AgentLog Log);
