using System.Runtime.InteropServices;
using Muster.Agent.Enforcing;
using Muster.Agent.Fetching;
using Muster.Agent.Identity;
using Muster.Agent.Scanning;
using Muster.Agent.Session;
using Muster.Core.Problems;

namespace Muster.Agent;

/// <summary>What <c>muster-agent</c> can be told on the command line.</summary>
internal static class Commands
{
    public const string Help = """
        muster-agent run    [--root DIR] [--state DIR] [--rescan-seconds N] [--verify-hours N] [--cache-limit MIB] [--verbose]
            keeps this machine as its server says, until stopped
        muster-agent join   --server URL --pin sha256//BASE64 [--pin ...] [--state DIR]
            joins this machine; the token is taken from the environment variable MUSTER_JOIN
        muster-agent status [--state DIR]
            shows what the running agent knows
        muster-agent version
        """;

    public static async Task JoinAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var (server, pins, rest) = JoinCommand.Read(arguments);
        var options = AgentOptions.Read(rest);
        var token = Environment.GetEnvironmentVariable("MUSTER_JOIN") is { Length: > 0 } given
            ? given
            : throw new ProblemException(ProblemKind.Invalid, "join.token-missing", "the token is missing: set the environment variable MUSTER_JOIN, as the join line does");
        RequireRoot(options);
        using var state = StateFolder.Open(options.State);
        using var store = new IdentityStore(state.Handle);
        using var connection = ServerConnection.Pinned(server, pins);
        var identity = await JoinCommand.JoinAsync(connection, server, token, store, options, cancellationToken);
        Console.WriteLine($"joined {server} as {identity.Name} ({identity.Machine})");
    }

    public static async Task RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var options = AgentOptions.Read(arguments);
        RequireRoot(options);
        var log = new AgentLog(Console.Error, options.Verbose);
        using var state = StateFolder.Open(options.State);
        using var store = new IdentityStore(state.Handle);
        var identity = store.FindIdentity()
            ?? throw new ProblemException(ProblemKind.Invalid, "identity.missing", $"this machine has not joined a server yet ({options.State} holds no identity); run the join line from Machines > Invite");
        var clock = new AgentClock(TimeProvider.System, BuiltAt());
        clock.Heard(identity.LastServerTime);
        using var cache = new ObjectCache(state.Handle);
        using var link = new LiveLink(store, identity, options, cache, clock, log);
        cache.Damaged += reference => log.Warning($"{reference} in the local cache was damaged and has been dropped");
        var keeping = new KeeperOptions(TimeSpan.FromSeconds(options.RescanSeconds), TimeSpan.FromHours(options.VerifyHours), options.CacheLimit << 20);
        await using var files = LiveTree.Open(options.Root, state, TimeProvider.System, log);
        var memory = new MachineMemory(new OrderBook(state.Handle, identity), new DriftLog(state.Handle), cache);
        using var agent = new MachineAgent(files, link, memory, keeping, clock, log);
        log.Information($"muster-agent {ServerConnection.Build} keeps {options.Root} ({files.FileSystem}) as {identity.Name}");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stop));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stop));
        var status = new StatusWriter(agent, link, state, files, clock);
        try
        {
            await Together.RunAsync([agent.RunAsync, status.RunAsync], stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            log.Information("stopped");
        }
        catch (Exception e) when (e is not ProblemException)
        {
            // Whoever started the agent starts it again; what it was doing is in the journal.
            log.Error($"the agent ends because of a fault of its own: {e}");
            throw new ProblemException(ProblemKind.Bug, "agent.bug", $"a fault of the agent's own ended it: {e.Message}", e);
        }
    }

    public static int Status(IReadOnlyList<string> arguments)
    {
        var options = AgentOptions.Read(arguments);
        using var state = StateFolder.OpenUnlocked(options.State);
        if (AgentStatus.Load(state) is not { } status)
        {
            throw new ProblemException(ProblemKind.NotFound, "status.missing", $"no agent has run with the state folder {options.State} yet");
        }

        var runs = Directory.Exists($"/proc/{status.Process}");
        Console.WriteLine($"machine      {status.Name} ({status.Machine})");
        Console.WriteLine($"server       {status.Server}, {(runs && status.Connected ? "connected" : "not connected")}");
        Console.WriteLine($"agent        {(runs ? $"running as process {status.Process}" : "not running")}");
        Console.WriteLine($"state        {status.State}{(status.Why is null ? "" : $": {status.Why}")}");
        Console.WriteLine($"image        {status.Image ?? "none"} (order {status.Order})");
        Console.WriteLine($"changes      {(status.Events ? "seen as they happen" : "found by scanning only")}, {(status.Culprits ? "with who made them" : "without who made them")}");
        Console.WriteLine($"certificate  until {status.CertificateUntil:u}");
        foreach (var condition in status.Conditions)
        {
            Console.WriteLine($"{condition.Severity,-12} {condition.Title}: {condition.Text}\n{"",12} {condition.Cure}");
        }

        return runs ? 0 : 3;
    }

    private static void Stop(PosixSignalContext signal, CancellationTokenSource stop)
    {
        signal.Cancel = true;
        stop.Cancel();
    }

    private static void RequireRoot(AgentOptions options)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new ProblemException(ProblemKind.Denied, "agent.not-root", $"the agent must run as root: it sets owners and capabilities of files below {options.Root}");
        }
    }

    // Nothing that runs can be older than what it was built from.
    private static DateTimeOffset BuiltAt()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "muster-agent.dll");
        return File.Exists(program) ? new DateTimeOffset(File.GetLastWriteTimeUtc(program), TimeSpan.Zero) : DateTimeOffset.UnixEpoch;
    }
}
