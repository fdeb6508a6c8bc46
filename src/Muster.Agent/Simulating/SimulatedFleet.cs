using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Win32.SafeHandles;
using Muster.Agent.Enforcing;
using Muster.Agent.Fetching;
using Muster.Agent.Identity;
using Muster.Agent.Scanning;
using Muster.Agent.Session;
using Muster.Agent.Watching;
using Muster.Core.Trees;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;

namespace Muster.Agent.Simulating;

/// <summary>
/// Many machines in one process: the agent's own code on trees in memory, each with an identity and a session of its own, over the
/// real protocol. Now and then something drifts, so that a page has something to show.
/// </summary>
/// <param name="state">Where the objects are kept that all of them share.</param>
/// <param name="token">An invitation for as many machines.</param>
/// <param name="driftEvery">About how often something drifts on each machine; null for never.</param>
internal sealed class SimulatedFleet(string server, IReadOnlyList<string> pins, string token, SafeFileHandle state, TimeSpan? driftEvery, TimeProvider time)
{
    // Joining is a signature each on the server; a few at a time are as quick as all.
    private const int JoinAtOnce = 4;

    private readonly AgentClock clock = new(time, DateTimeOffset.UnixEpoch);

    /// <summary>Joins machines one by one and runs them until cancelled, or until one of them fails.</summary>
    /// <param name="joined">Told of each machine that has joined.</param>
    public async Task RunAsync(int count, Action<string>? joined, CancellationToken cancellationToken)
    {
        using var cache = new ObjectCache(state);
        using var turn = new SemaphoreSlim(JoinAtOnce);
        await Together.RunAsync(
            Enumerable.Range(1, count).Select<int, Func<CancellationToken, Task>>(number => stop => RunOneAsync($"sim-{number:d4}", cache, turn, joined, stop)), cancellationToken);
    }

    private async Task RunOneAsync(string name, ObjectCache cache, SemaphoreSlim turn, Action<string>? joined, CancellationToken cancellationToken)
    {
        SimulatedLink link;
        await turn.WaitAsync(cancellationToken);
        try
        {
            link = await SimulatedLink.JoinAsync(server, pins, token, name, clock, cancellationToken);
        }
        finally
        {
            turn.Release();
        }

        joined?.Invoke(name);
        using (link)
        {
            await using var tree = new SimulatedTree(Tree.Empty, time);
            var memory = new MachineMemory(new OrderBook(null, link.Identity), new DriftLog(null), cache);
            var options = new KeeperOptions(TimeSpan.FromHours(1), TimeSpan.FromHours(24), 0) { KeepsContent = false };
            using var agent = new MachineAgent(tree, link, memory, options, clock, AgentLog.Silent);
            await Together.RunAsync([agent.RunAsync, stop => DriftAsync(tree, agent, stop)], cancellationToken);
        }
    }

    private async Task DriftAsync(SimulatedTree tree, MachineAgent agent, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(driftEvery * (0.2 + (1.6 * Random.Shared.NextDouble())) ?? Timeout.InfiniteTimeSpan, time, cancellationToken);
            if (agent.Report.Now.State is MachineState.InSync && PickFile(tree.Now) is { } picked)
            {
                var (path, entry) = picked;
                tree.Drift(path, edit => edit.SetAttributes(path, entry with { Mode = (ushort)(entry.Mode ^ 0x12) }), ChangeKinds.Attributes, Random.Shared.Next(300, 30_000));
            }
        }
    }

    private static (TreePath Path, TreeEntry Entry)? PickFile(Tree tree)
    {
        var path = TreePath.Root;
        var entry = tree.Root;
        while (entry.Kind == EntryKind.Directory && entry.Loaded().Entries is { Length: > 0 } entries)
        {
            entry = entries[Random.Shared.Next(entries.Length)];
            path = path.Join(entry.Name);
        }

        return entry.Kind == EntryKind.File ? (path, entry) : null;
    }
}

/// <summary>The link of a simulated machine, whose identity lives in memory.</summary>
internal sealed class SimulatedLink : IMachineLink, IDisposable
{
    private readonly AgentClock clock;
    private readonly MachineCertificate certificate;
    private readonly string name;

    private SimulatedLink(MachineIdentity identity, MachineCertificate certificate, string name, AgentClock clock)
    {
        Identity = identity;
        this.certificate = certificate;
        this.name = name;
        this.clock = clock;
    }

    public MachineIdentity Identity { get; }

    public static async Task<SimulatedLink> JoinAsync(string server, IReadOnlyList<string> pins, string token, string name, AgentClock clock, CancellationToken cancellationToken)
    {
        using var connection = ServerConnection.Pinned(server, pins);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var answer = await JoinCommand.AskAsync(connection, token, key, Facts(name), cancellationToken);
        using var bare = X509CertificateLoader.LoadCertificate(answer.Certificates[0]);
        var others = new X509Certificate2Collection(answer.Certificates.Skip(1).Select(one => X509CertificateLoader.LoadCertificate(one)).ToArray());
        var certificate = new MachineCertificate(bare.CopyWithPrivateKey(key), others, X509CertificateLoader.LoadCertificate(answer.Authority));
        clock.Heard(answer.ServerTime);
        var identity = new MachineIdentity(server, answer.Installation, answer.Epoch, answer.Machine, answer.Name, answer.ServerTime);
        return new SimulatedLink(identity, certificate, name, clock);
    }

    public Task<ServerConnection> ConnectAsync(Conditions conditions, CancellationToken cancellationToken) => Task.FromResult(ServerConnection.Mutual(Identity, certificate, clock));

    // A simulation that runs for half a week may end.
    public Task<bool> RenewAsync(ServerConnection server, Conditions conditions, CancellationToken cancellationToken) => Task.FromResult(false);

    public void Heard()
    {
    }

    public MachineFacts Facts(IFileTree files) => Facts(name);

    public void Dispose() => certificate.Dispose();

    private static MachineFacts Facts(string name) => new(
        name, "Simulated Linux", Environment.OSVersion.Version.ToString(), "x64", 2, 4L << 30, "simulated", Events: true, Culprits: true, ["image", "monitor"], 0, 0);
}

/// <summary>The hidden command that runs a fleet, for <c>./dev up --simulate</c>.</summary>
internal static class SimulateCommand
{
    public static async Task RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var count = 1;
        TimeSpan? driftEvery = null;
        var joining = new List<string>();
        for (var index = 0; index < arguments.Count; index++)
        {
            switch (arguments[index])
            {
                case "--count" when index + 1 < arguments.Count && int.TryParse(arguments[index + 1], CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 100_000:
                    (count, index) = (number, index + 1);
                    break;
                case "--drift-seconds" when index + 1 < arguments.Count && double.TryParse(arguments[index + 1], CultureInfo.InvariantCulture, out var seconds) && seconds > 0:
                    (driftEvery, index) = (TimeSpan.FromSeconds(seconds), index + 1);
                    break;
                default:
                    joining.Add(arguments[index]);
                    break;
            }
        }

        var (server, pins, others) = JoinCommand.Read(joining);
        var options = AgentOptions.Read(others);
        var token = Environment.GetEnvironmentVariable("MUSTER_JOIN") ?? "";
        using var state = StateFolder.Open(options.State);
        var fleet = new SimulatedFleet(server, pins, token, state.Handle, driftEvery, TimeProvider.System);
        var joined = 0;
        await fleet.RunAsync(count, _ => Tell(Interlocked.Increment(ref joined), count), cancellationToken);
    }

    private static void Tell(int joined, int count)
    {
        if (joined == count)
        {
            Console.WriteLine($"{count} simulated machines have joined");
        }
    }
}
