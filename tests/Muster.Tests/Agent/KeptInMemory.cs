using Microsoft.Win32.SafeHandles;
using Muster.Agent;
using Muster.Agent.Enforcing;
using Muster.Agent.Fetching;
using Muster.Agent.Identity;
using Muster.Agent.Session;
using Muster.Agent.Simulating;
using Muster.Agent.Watching;
using Muster.Core.Trees;
using Muster.Files;
using Muster.Protocol.Machines;
using Muster.Testing;
using Muster.Testing.Agents;

namespace Muster.Tests.Agent;

/// <summary>The whole agent on a tree in memory, with a clock that moves when told, against a server that the test commands.</summary>
internal sealed class KeptInMemory : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly SafeFileHandle state;
    private readonly SimulatedLink link;
    private CancellationTokenSource stop = new();
    private MachineAgent? agent;
    private Task running = Task.CompletedTask;

    private KeptInMemory(ProtocolServer server, SimulatedLink link, MovableTime time, AgentClock clock)
    {
        Server = server;
        this.link = link;
        Time = time;
        Clock = clock;
        state = Linux.OpenRoot(Directory.CreateDirectory(folder.Under("state")).FullName);
        Tree = new SimulatedTree(Core.Trees.Tree.Empty, time);
    }

    public ProtocolServer Server { get; }

    public MovableTime Time { get; }

    public AgentClock Clock { get; }

    public SimulatedTree Tree { get; }

    public MachineReport Report => agent!.Report;

    /// <summary>Faulted if the agent ended by itself.</summary>
    public Task Running => running;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<KeptInMemory> StartAsync(Action<MovableTime>? before = null)
    {
        var server = await ProtocolServer.StartAsync();
        var time = new MovableTime();
        before?.Invoke(time);
        var clock = new AgentClock(time, DateTimeOffset.UnixEpoch);
        var link = await SimulatedLink.JoinAsync(server.Address, [server.Pin], "token", "m", clock, Cancel);
        var machine = new KeptInMemory(server, link, time, clock);
        machine.Start();
        return machine;
    }

    public void Start()
    {
        stop = new CancellationTokenSource();
        var memory = new MachineMemory(new OrderBook(state, link.Identity), new DriftLog(state), new ObjectCache(state));
        var options = new KeeperOptions(TimeSpan.FromHours(1), TimeSpan.FromHours(24), 0) { KeepsContent = false };
        agent = new MachineAgent(Tree, link, memory, options, Clock, AgentLog.Silent);
        running = agent.RunAsync(stop.Token);
    }

    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        agent!.Dispose();
        stop.Dispose();
    }

    /// <summary>An image of some files, whose server has it.</summary>
    public async Task<TestImage> ImageAsync(params (string Path, string Content)[] files)
    {
        var from = Directory.CreateDirectory(folder.Under($"image-{Guid.NewGuid():N}")).FullName;
        foreach (var (path, content) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(from, path))!);
            await File.WriteAllTextAsync(Path.Combine(from, path), content, Cancel);
        }

        var image = await TestImage.OfAsync(from, "", Cancel);
        image.GiveTo(Server);
        return image;
    }

    /// <summary>Requires an image and waits until the machine is like it.</summary>
    public async Task<TestImage> LikeAsync(params (string Path, string Content)[] files)
    {
        var image = await ImageAsync(files);
        Server.Require(image.Digest);
        await UntilAsync(() => Report.Now.State == MachineState.InSync && Tree.Now.Digest == image.Tree.Digest);
        return image;
    }

    /// <summary>A program changes the mode of a file.</summary>
    public void Chmod(string path, ushort mode, bool isTold = true)
    {
        var at = TreePath.FromText(path);
        Tree.Drift(at, edit => edit.SetAttributes(at, Tree.Now.Find(at)! with { Mode = mode }), ChangeKinds.Attributes, 1234, isTold);
    }

    /// <summary>Waits until something is so, and moves time meanwhile if that is wanted: not quicker than the network between agent and server can follow.</summary>
    public async Task UntilAsync(Func<bool> condition, TimeSpan? moving = null)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        while (!condition())
        {
            Cancel.ThrowIfCancellationRequested();
            Assert.False(running.IsCompleted, $"the agent ended: {running.Exception}");
            if (moving is { } by)
            {
                Time.Advance(by);
            }

            await again.WaitForNextTickAsync(Cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!running.IsCompleted)
        {
            await StopAsync();
        }

        await Server.DisposeAsync();
        link.Dispose();
        state.Dispose();
        folder.Dispose();
    }
}
