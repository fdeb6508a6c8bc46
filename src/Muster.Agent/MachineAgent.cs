using Muster.Agent.Enforcing;
using Muster.Agent.Fetching;
using Muster.Agent.Identity;
using Muster.Agent.Scanning;
using Muster.Agent.Session;
using Muster.Core.Problems;
using Muster.Files;
using Muster.Protocol.Machines;

namespace Muster.Agent;

/// <summary>
/// One machine's agent, put together: a tree, an identity, a way to the server. Everything it touches comes in from outside, so the
/// same code keeps a live machine and simulates thousands.
/// </summary>
internal sealed class MachineAgent : IDisposable
{
    private static readonly TimeSpan RenewalCheck = TimeSpan.FromMinutes(10);

    private readonly IFileTree files;
    private readonly IMachineLink link;
    private readonly AgentClock clock;
    private readonly AgentLog log;
    private readonly DriftReporter driftReporter;
    private readonly SessionLoop session;
    private readonly Keeper keeper;
    private readonly Caretaker caretaker;
    private readonly BestEffort effort;

    public MachineAgent(IFileTree files, IMachineLink link, MachineMemory memory, KeeperOptions options, AgentClock clock, AgentLog log)
    {
        this.files = files;
        this.link = link;
        this.clock = clock;
        this.log = log;
        Conditions = new Conditions(clock);
        effort = new BestEffort(Conditions);
        Report = new MachineReport();
        Conditions.Changed += () => Report.Set(now => now with { Conditions = Conditions.All });
        Orders = memory.Orders;
        driftReporter = new DriftReporter(memory.Drifts, Report, effort, files.FindCulpritAsync, clock, log);
        session = new SessionLoop(ConnectAsync, new SessionLink(() => link.Facts(files), Heard), Orders, new Reporter(Report, memory.Drifts, clock.Time), Report, Conditions, clock, log);
        var fetcher = new Fetcher(memory.Cache, () => session.Connection, Conditions, log, clock.Time);
        var kept = new KeptTree(files, effort);
        var wars = new RevertWars(clock);
        var updater = new Updater(kept, fetcher, memory.Cache, wars, Report, Conditions, clock, options, memory.Orders.Installation);
        var enforcer = new Enforcer(kept, memory.Cache, fetcher, driftReporter, wars, Conditions, clock);
        caretaker = new Caretaker(kept, memory.Cache, Conditions, options, clock);
        keeper = new Keeper(kept, new ImageLoader(memory.Cache, fetcher), updater, enforcer, caretaker, new KeeperContext(options, Orders, Report, driftReporter, Conditions, effort, clock, log));
        session.Ordered += order => keeper.Tell(order, isNew: true);
        session.Connected += keeper.TryAgain;
        caretaker.Suspected += keeper.Suspect;
    }

    public Conditions Conditions { get; }

    public MachineReport Report { get; }

    public OrderBook Orders { get; }

    public bool IsConnected => session.Connection is not null;

    public void Dispose()
    {
        keeper.Dispose();
        caretaker.Dispose();
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Recover();
        if (files.Trouble is { } trouble)
        {
            Conditions.Raise("events.unsupported", "warning", "Changes found by scanning only", trouble.Message, "See the guide on machines; until then drift is found by the next scan.");
        }

        if (files.CulpritTrouble is { } unknown)
        {
            Conditions.Raise("culprits.unavailable", "warning", "Who changes files is not known", unknown.Message, "See the guide on machines; drift is repaired all the same.");
        }

        if (Orders.Last is { } order)
        {
            keeper.Tell(order, isNew: !Orders.IsFulfilled);
        }

        WarmUp();
        await Together.RunAsync(
            [session.RunAsync, stop => Task.Run(() => keeper.RunAsync(stop), stop), caretaker.RunAsync, driftReporter.RunAsync, RenewAsync], cancellationToken);
    }

    private void WarmUp()
    {
        try
        {
            files.WarmUp();
        }
        catch (ProblemException e)
        {
            // The first repair is slower then; whether it is possible will be seen, and said, when there is one.
            log.Warning($"nothing can be staged: {e.Message}");
        }
    }

    private void Recover()
    {
        switch (files.Recover())
        {
            case Applying.Recovery.Redone:
                log.Information("finished an update that was interrupted");
                break;
            case Applying.Recovery.Undone:
                log.Information("took back an update that had failed and was interrupted");
                break;
            case Applying.Recovery.Dropped:
                log.Information("dropped what was staged for an update that had not begun");
                break;
        }
    }

    private void Heard(DateTimeOffset serverTime)
    {
        clock.Heard(serverTime);
        effort.Try("server time", link.Heard);
    }

    private async Task<ServerConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (clock.IsMachineBehind)
        {
            Conditions.Raise("clock.behind", "warning", "Clock is behind", $"the machine's clock says {clock.Time.GetUtcNow():u}, but it is at least {clock.Now:u}", "Set the clock, for example with systemd-timesyncd.");
        }
        else
        {
            Conditions.Clear("clock.behind");
        }

        return await link.ConnectAsync(Conditions, cancellationToken);
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(RenewalCheck * (0.5 + Random.Shared.NextDouble()), clock.Time, cancellationToken);
            if (session.Connection is { } server && await link.RenewAsync(server, Conditions, cancellationToken))
            {
                session.BeginAnew();
            }
        }
    }
}

/// <summary>How a machine reaches its server and who it is there.</summary>
internal interface IMachineLink
{
    /// <summary>Opens a way to the server, with a new certificate where it is time for one.</summary>
    Task<ServerConnection> ConnectAsync(Conditions conditions, CancellationToken cancellationToken);

    /// <summary>Renews the certificate if it is time; true if there is a new one, for the next connection.</summary>
    Task<bool> RenewAsync(ServerConnection server, Conditions conditions, CancellationToken cancellationToken);

    /// <summary>The server told its time (<see cref="AgentClock.Heard"/>): it is kept, so that a clock that is set back is noticed after a restart too.</summary>
    void Heard();

    /// <summary>What the machine says of itself.</summary>
    MachineFacts Facts(IFileTree files);
}

/// <summary>What a machine remembers.</summary>
internal sealed record MachineMemory(OrderBook Orders, DriftLog Drifts, ObjectCache Cache);
