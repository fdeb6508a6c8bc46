using System.Text.Json;
using Muster.Testing;
using Muster.Testing.Agents;

namespace Muster.PeerTests.Images;

/// <summary>The real server in this process, the real command line and agent as processes of their own.</summary>
internal sealed class RealChain : IAsyncDisposable
{
    private readonly TemporaryFolder files = new();
    private MusterServer server = null!;
    private AgentProcess? agent;

    /// <summary>Where objects lie, also those on their way.</summary>
    public string Objects => Path.Combine(files.Path, "data", "objects");

    public MusterCommandLine Muster { get; private set; } = null!;

    /// <summary>What the agent said.</summary>
    public string AgentSaid => agent?.Said ?? "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public string Data => files.Under("data");

    /// <param name="objects">Where the server keeps its objects; null for a folder that goes with it.</param>
    /// <param name="settings">Text of its settings file.</param>
    public static async Task<RealChain> StartAsync(string? objects = null, string? settings = null)
    {
        var chain = new RealChain();
        Directory.CreateDirectory(chain.Data);
        if (settings is not null)
        {
            await chain.SetAsync(settings);
        }

        if (objects is not null)
        {
            File.CreateSymbolicLink(chain.Objects, objects);
        }

        chain.server = await MusterServer.StartAsync(chain.Data);
        var authority = chain.files.Under("authority.pem");
        using var nobody = chain.server.CreateClient();
        await File.WriteAllTextAsync(authority, await nobody.GetStringAsync("/authority.pem", Cancel), Cancel);
        chain.Muster = new MusterCommandLine(chain.server.BaseAddress, await chain.server.MakeTokenAsync("*.*"), authority, home: chain.files.Under("home"));
        return chain;
    }

    public Task<CommandResult> AddAsync(string image, string tree, params string[] more) => Muster.TryAsync(["images", "add", image, "--from", tree, "--yes", .. more], Cancel);

    /// <summary>As the administrator's browser would.</summary>
    public Task<HttpClient> SignInAsync() => server.SignInAsync();

    /// <summary>The bytes of a file of an image, as anybody may have them.</summary>
    public async Task<byte[]> FileOfAsync(string image, string path)
    {
        using var admin = await server.SignInAsync();
        return await admin.GetByteArrayAsync($"/api/v1/images/file?image={image}&path={path}", Cancel);
    }

    /// <summary>A machine whose root is a folder of the disk, which the agent joins and keeps.</summary>
    public async Task JoinAsync(TestDisk disk, string name, string rootInside)
    {
        JsonElement invitation = await Muster.AskAsync(["machines", "invite", "--name", name, "--yes"], Cancel);
        var state = files.Under("state");
        var joined = await AgentProcess.JoinAsync(server.BaseAddress.GetLeftPart(UriPartial.Authority), invitation.GetProperty("pins")[0].GetString()!, invitation.GetProperty("token").GetString()!, state);
        Assert.True(joined.ExitCode == 0, joined.Error);
        agent = new AgentProcess(disk.Enter, rootInside, state);
        agent.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await using (server)
        {
            if (agent is not null)
            {
                await agent.DisposeAsync();
            }

            files.Dispose();
        }
    }

    /// <summary>Writes the server's settings, which it reads when it starts.</summary>
    public Task SetAsync(string settings) => File.WriteAllTextAsync(Path.Combine(Data, "server.json"), settings, Cancel);

    /// <summary>Stops the server and starts it again on the same data and port.</summary>
    /// <param name="meanwhile">To be done while it does not run.</param>
    public async Task RestartAsync(Func<Task>? meanwhile = null)
    {
        var port = server.Port;
        await server.DisposeAsync();
        if (meanwhile is not null)
        {
            await meanwhile();
        }

        server = await MusterServer.StartAsync(server.DataDirectory, port: port);
    }
}
