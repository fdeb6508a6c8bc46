using Muster.Files;
using Muster.Protocol.Machines;
using Muster.Testing;
using Muster.Testing.Agents;

namespace Muster.PeerTests.Agent;

/// <summary>A tree on a disk of its own, an agent process that keeps it, a server that tells it what to be, and the folder that images are made of.</summary>
internal sealed class KeptMachine : IAsyncDisposable
{
    private readonly TestDisk disk;
    private readonly TemporaryFolder state = new();
    private readonly bool stateInside;

    private KeptMachine(TestDisk disk, ProtocolServer server, bool stateInside, string[] flags)
    {
        this.disk = disk;
        this.stateInside = stateInside;
        Server = server;
        Directory.CreateDirectory(Root);
        Directory.CreateDirectory(Wanted);
        if (stateInside)
        {
            Directory.CreateDirectory(State);
            Directory.CreateDirectory(Path.Combine(Wanted, OwnState, ".."));
        }

        Agent = new AgentProcess(disk.Enter, RootInside, stateInside ? Path.Combine(RootInside, OwnState) : State, flags);
    }

    private const string OwnState = "var/lib/muster-agent";

    public ProtocolServer Server { get; }

    public AgentProcess Agent { get; }

    public string State => stateInside ? Path.Combine(Root, OwnState) : state.Path;

    /// <summary>The machine's root.</summary>
    public string Root => Path.Combine(disk.Path, "root");

    /// <summary>The same for programs that run where it is mounted.</summary>
    public string RootInside => Path.Combine(disk.PathInside, "root");

    /// <summary>What the last image was made of.</summary>
    public string Wanted => Path.Combine(disk.Path, "wanted");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Task<KeptMachine> StartAsync(TestDisk disk, params string[] flags) => StartAsync(disk, stateInside: false, flags);

    /// <summary>As it is installed: what the agent remembers lies on the disk that it keeps.</summary>
    public static Task<KeptMachine> StartAsInstalledAsync(TestDisk disk, params string[] flags) => StartAsync(disk, stateInside: true, flags);

    private static async Task<KeptMachine> StartAsync(TestDisk disk, bool stateInside, string[] flags)
    {
        var machine = new KeptMachine(disk, await ProtocolServer.StartAsync(), stateInside, flags);
        var joined = await AgentProcess.JoinAsync(machine.Server, machine.State);
        Assert.True(joined.ExitCode == 0, joined.Error);
        machine.Agent.Start();
        return machine;
    }

    /// <summary>Makes a new folder of images full of what careless programs trip over, and an image of it.</summary>
    public async Task<TestImage> NastyImageAsync(Random random, int count)
    {
        await Command.RunAsync("rm", "-rf", "--", Wanted);
        Directory.CreateDirectory(Wanted);
        using (var folder = Linux.OpenRoot(Wanted))
        {
            new NastyTree(random).Fill(folder, count);
        }

        return await ImageAsync();
    }

    /// <summary>A small ordinary root, which the machine is like when this returns.</summary>
    public async Task<TestImage> PlainImageAsync(string filter = "")
    {
        await Command.RunAsync("bash", "-c", $"""
            cd "{Wanted}" && mkdir -p etc usr/bin usr/share/doc/a usr/share/doc/b
            echo hello > etc/motd; echo root:x > etc/shadow; chmod 600 etc/shadow; echo 127.0.0.1 > etc/hosts; echo / > etc/fstab; echo root > etc/passwd
            ln -s motd etc/link; head -c 300000 /dev/urandom > usr/bin/tool; chmod 755 usr/bin/tool; echo a > usr/share/doc/a/a; echo b > usr/share/doc/b/b
            """);
        return await RequireWantedAsync(filter);
    }

    /// <summary>Makes an image of the wanted folder and waits until the machine is like it.</summary>
    public async Task<TestImage> RequireWantedAsync(string filter = "")
    {
        var image = await ImageAsync(filter);
        Server.Require(image.Digest);
        await Server.WaitForStateAsync(MachineState.InSync, Cancel);
        return image;
    }

    /// <summary>Waits until the machine is like the wanted folder again.</summary>
    public async Task UntilLikeWantedAsync()
    {
        var wanted = await Independent.DescribeAsync(Wanted, Cancel);
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var turn = 0; turn < 400; turn++)
        {
            var seen = await Independent.TryDescribeAsync(Root, Cancel);
            if (seen == wanted)
            {
                return;
            }

            await again.WaitForNextTickAsync(Cancel);
        }

        await AssertLikeWantedAsync("after a long wait");
    }

    /// <summary>Waits until the local cache has every file's content.</summary>
    public async Task UntilCachedAsync()
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var image = await TestImage.OfAsync(Wanted, "", Cancel);
        while (!image.Objects.Where(one => one.Kind == Core.Objects.ObjectKind.File).All(one => Directory.EnumerateFiles(Path.Combine(State, "cache"), $"{(int)one.Kind}-{Core.Objects.Digest.Of(one.Content)}", SearchOption.AllDirectories).Any()))
        {
            await again.WaitForNextTickAsync(Cancel);
        }
    }

    /// <summary>An image of the wanted folder as it is now.</summary>
    public async Task<TestImage> ImageAsync(string filter = "")
    {
        var image = await TestImage.OfAsync(Wanted, filter, Cancel);
        image.GiveTo(Server);
        return image;
    }

    /// <summary>Makes a mess of the machine while no agent looks: other nasty things over what is there, and some of it gone.</summary>
    public async Task DamageAsync(Random random, int count)
    {
        await Agent.KillAsync();
        foreach (var name in Directory.GetFileSystemEntries(Root).Where(name => !name.EndsWith("/.muster-agent", StringComparison.Ordinal)))
        {
            if (random.Next(4) == 0)
            {
                await Command.RunAsync("rm", "-rf", "--", name);
            }
        }

        Mess(random, count);
        using (var folder = Linux.OpenRoot(Root))
        {
            await new NastyChanges(random).ApplyAsync(folder, count / 2, [Core.Trees.TreePath.FromText("/.muster-agent"), Core.Trees.TreePath.FromText("/lost+found")], Cancel);
        }

        Agent.Start();
    }

    private void Mess(Random random, int count)
    {
        using var folder = Linux.OpenRoot(Root);
        var mess = System.Text.Encoding.ASCII.GetBytes($"mess{random.Next(1_000_000)}");
        Linux.MakeDirectory(folder, mess, 0x1C0);
        using var inside = Linux.OpenBeneath(folder, mess, OpenFlags.Directory);
        new NastyTree(random).Fill(inside, count);
    }

    public async Task AssertLikeWantedAsync(string when)
    {
        var wanted = await Independent.DescribeAsync(Wanted, Cancel);
        var seen = await Independent.DescribeAsync(Root, Cancel);
        if (wanted != seen)
        {
            var (left, right) = (wanted.Split('\n'), seen.Split('\n'));
            var at = Enumerable.Range(0, Math.Min(left.Length, right.Length)).FirstOrDefault(line => left[line] != right[line]);
            Assert.Fail($"{when}: the tree is not as wanted from line {at}:\n{left[at]}\n{right[at]}\n{Agent.Said}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(Agent.Said);
        }

        await Agent.DisposeAsync();
        await Server.DisposeAsync();
        state.Dispose();
    }
}
