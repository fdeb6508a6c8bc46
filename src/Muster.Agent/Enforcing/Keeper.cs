using System.Threading.Channels;
using Muster.Agent.Fetching;
using Muster.Agent.Identity;
using Muster.Agent.Scanning;
using Muster.Agent.Session;
using Muster.Agent.Watching;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;
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
/// come; works on one thing at a time; tries again what failed. Needs no server for anything it has done before: what the last order
/// wanted is kept until everything that a new one wants is here.
/// </summary>
internal sealed partial class Keeper(KeptTree kept, ImageLoader images, Updater updater, Enforcer enforcer, Caretaker caretaker, KeeperContext context) : IDisposable
{
    // A burst is dealt with together; more than this is a scan's work.
    private const int MostTogether = 20_000;

    private readonly KeeperAgenda agenda = new(context.Clock, context.Options.RescanEvery);
    private readonly HashSet<TreePath> differing = [];
    private readonly HashSet<TreePath> suspects = [];
    private readonly Lock gate = new();
    private readonly Preparation preparation = new(images, updater);
    private TaskCompletionSource woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action giveUp = static () => { };
    private (Order Order, long? At)? next;
    private Aim? aim;
    private long? told;
    private bool isBlind;

    private ChannelReader<Change>? Changes => isBlind ? null : kept.Files.Changes;

    /// <summary>A new order: work for an older one is given up, as far as it can be.</summary>
    /// <param name="isNew">False for one that was known when the agent started: what differs from it is drift and not an update.</param>
    public void Tell(Order order, bool isNew)
    {
        lock (gate)
        {
            next = (order, isNew ? context.Clock.Time.GetTimestamp() : null);
            giveUp();
            woken.TrySetResult();
        }
    }

    /// <summary>The server is back: what failed for want of it is tried at once.</summary>
    public void TryAgain()
    {
        lock (gate)
        {
            agenda.TryNow();
            woken.TrySetResult();
        }
    }

    /// <summary>A path may have changed without an event.</summary>
    public void Suspect(TreePath path)
    {
        lock (gate)
        {
            suspects.Add(path);
            woken.TrySetResult();
        }
    }

    public void Dispose() => preparation.Dispose();

    /// <summary>Keeps until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        WatchFor(null);
        try
        {
            await KeepAsync(cancellationToken);
        }
        finally
        {
            await preparation.EndAsync();
        }
    }

    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var work = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            (Order Order, long? At)? order;
            lock (gate)
            {
                (order, next) = (next, null);
                woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                giveUp = work.Cancel;
            }

            try
            {
                await (order is { } given ? AdoptAsync(given.Order, given.At, work.Token, cancellationToken) : StepAsync(work.Token, cancellationToken));
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

    private async Task ConvergeAsync(bool isNew, bool gently, CancellationToken cancellationToken)
    {
        var now = aim!;
        var aside = preparation.Order is not null;
        agenda.Looks();
        using var quiet = await caretaker.HoldAsync(cancellationToken);
        var from = context.Clock.Running;
        var isInSync = await updater.ConvergeAsync(now, new Occasion(context.Orders.IsFulfilled ? null : told, gently, aside), cancellationToken);
        TellDrift(isInSync, isNew || (!aside && now.Mode == MachineMode.Image && !context.Orders.IsFulfilled));
        agenda.Looked(isInSync || now.Mode == MachineMode.Monitor || updater.LeftAlone, context.Clock.Running - from);
        if (isInSync && !aside)
        {
            context.Orders.Fulfilled(now.Number);
            context.Effort.Try("orders", context.Orders.Save);
        }

        caretaker.Begin(now.Image, isInSync);
        if (context.Options.KeepsContent && updater.Worked)
        {
            // A machine is quiet for hours after this; the memory of the work is given back.
            Linux.GiveMemoryBack();
        }
    }

    // What a look at the whole tree found, once: in mode monitor it stays, and is found again each time.
    private void TellDrift(bool isInSync, bool isUpdate)
    {
        var plan = updater.FirstPlan;
        var mode = aim!.Mode;
        var changes = enforcer.TakePending();
        var fresh = plan is null || isUpdate ? [] : plan.Steps.Where(step => mode == MachineMode.Image || !differing.Contains(step.Path)).ToList();
        if (fresh.Count > 0)
        {
            context.Drifts.Add(plan! with { Steps = fresh }, changes, mode == MachineMode.Monitor ? "reported" : isInSync ? "restored" : "failed", context.Clock.Time.GetTimestamp(), new HashSet<TreePath>(), null);
        }

        KnowDifferences();
    }

    private void KnowDifferences()
    {
        differing.Clear();
        if (aim!.Mode == MachineMode.Monitor && updater.FirstPlan is { } plan)
        {
            differing.UnionWith(plan.Steps.Select(step => step.Path));
        }
    }

    private void WatchFor(WantedImage? image) => kept.Files.Watch(image is null ? static _ => false : image.MayMatter);

    private void Failed(ProblemException e)
    {
        agenda.Failed(e.RetryAfter);
        Explain(e);
    }

    private void Explain(ProblemException e)
    {
        var isFetch = e.Code is "fetch.failed" or "server.unreachable" or "object.unknown" || e.Code.StartsWith("server.", StringComparison.Ordinal);
        context.Log.Warning(e.Message);
        context.Conditions.RaiseFor(e, isFetch ? "fetch.failed" : "apply.failed", isFetch ? "Content not received" : "Update failed",
            isFetch ? "See that the server can be reached and has the image; the agent goes on by itself." : "See what the message names; the agent tries again by itself.");
        context.Report.Set(now => now with { State = MachineState.Failed, Progress = null, Why = e.Message });
    }
}

/// <summary>What the keeper shares with the rest of the agent.</summary>
internal sealed record KeeperContext(KeeperOptions Options, OrderBook Orders, MachineReport Report, DriftReporter Drifts, Conditions Conditions, BestEffort Effort, AgentClock Clock, AgentLog Log);
