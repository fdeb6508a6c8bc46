using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Muster.Protocol.Identity;
using Muster.Server;
using Muster.Server.Database;
using Muster.Server.Edge;
using Muster.Server.Identity;
using Muster.Server.Tasks;
using ChangePassword = Muster.Protocol.Identity.ChangePassword;
using AddToken = Muster.Protocol.Identity.AddToken;

namespace Muster.Testing;

/// <summary>The real server, in this process, on a free loopback port, with its data in a temporary folder.</summary>
internal sealed class MusterServer : IAsyncDisposable
{
    public const string AdminPassword = "correct horse battery";

    private readonly WebApplication app;
    private readonly TemporaryFolder? ownFolder;
    private bool passwordChanged;
    private bool disposed;

    private MusterServer(WebApplication app, TemporaryFolder? ownFolder, string dataDirectory, string? oneTimePassword)
    {
        this.app = app;
        this.ownFolder = ownFolder;
        DataDirectory = dataDirectory;
        OneTimePassword = oneTimePassword;
        var port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        BaseAddress = new Uri($"https://localhost:{port}/");
        Port = port;
    }

    public Uri BaseAddress { get; }

    public int Port { get; }

    public string DataDirectory { get; }

    /// <summary>Null when the data directory was an installation already.</summary>
    public string? OneTimePassword { get; }

    public IServiceProvider Services => app.Services;

    /// <param name="dataDirectory">An existing installation to start again; null for a new one that goes with this object.</param>
    /// <param name="time">Another clock.</param>
    /// <param name="port">A port to take again; 0 for any.</param>
    /// <param name="more">Routes of the test's own.</param>
    /// <param name="services">Parts of the test's own.</param>
    /// <param name="databaseFile">Names a PostgreSQL database; null for what the tests run on.</param>
    public static async Task<MusterServer> StartAsync(
        string? dataDirectory = null, TimeProvider? time = null, int port = 0, string? webDirectory = null, Action<WebApplication>? more = null, Action<IServiceCollection>? services = null, string? databaseFile = null)
    {
        var ownFolder = dataDirectory is null ? new TemporaryFolder() : null;
        dataDirectory ??= ownFolder!.Path;
        var options = new ServerOptions { DataDirectory = dataDirectory, Listen = $"127.0.0.1:{port}", PublicNames = ["localhost", "127.0.0.1"], DatabaseConnectionFile = databaseFile ?? await TestDatabase.EnsureAsync(dataDirectory, CancellationToken.None) };
        options = webDirectory is null ? options : options with { WebDirectory = webDirectory };
        var app = Server.Program.Build(options, builder =>
        {
            // Hashing passwords as slowly as it should be would be most of what tests do.
            builder.Services.Replace(ServiceDescriptor.Singleton(new Passwords(iterations: 1000)));
            if (time is not null)
            {
                builder.Services.Replace(ServiceDescriptor.Singleton(time));
            }

            services?.Invoke(builder.Services);
        });
        more?.Invoke(app);
        try
        {
            var password = await app.Services.GetRequiredService<Setup>().RunAsync(CancellationToken.None);
            await app.StartAsync();
            return new MusterServer(app, ownFolder, dataDirectory, password);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client that is nobody yet. Requests go to this server whatever the host name says, so that <c>mtls.muster.internal</c> can be asked too.</summary>
    public HttpClient CreateClient(SslClientAuthenticationOptions? tls = null)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            CookieContainer = new CookieContainer(),
            SslOptions = tls ?? new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, Port, cancellation);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        };
        return new HttpClient(handler) { BaseAddress = BaseAddress };
    }

    /// <summary>A browser session of the administrator, whose password is changed first where it must be.</summary>
    public async Task<HttpClient> SignInAsync()
    {
        var client = CreateClient();
        var me = await LoginAsync(client, OneTimePassword is null || passwordChanged ? AdminPassword : OneTimePassword);
        if (me.MustChangePassword)
        {
            var change = new ChangePassword(OneTimePassword!, AdminPassword);
            (await client.PostAsJsonAsync("/api/v1/users/change-password", change, WireJson.Options)).EnsureSuccessStatusCode();
            passwordChanged = true;
        }

        return client;
    }

    /// <summary>Another person of the organisation, who signs in with the administrator's password.</summary>
    public Task AddPersonAsync(string name, params string[] grants) => Services.GetRequiredService<SqlDatabase>().WriteAsync(
        async sql =>
        {
            var administrator = (await UserStore.FindForLoginAsync(sql, Setup.AdministratorName, CancellationToken.None))!;
            var person = administrator with
            {
                Id = UserId.New(TimeProvider.System),
                Name = name,
                Password = Services.GetRequiredService<Passwords>().Make(AdminPassword),
                MustChangePassword = false,
            };
            await UserStore.AddAsync(sql, person, TimeProvider.System.GetUtcNow(), CancellationToken.None);
            foreach (var grant in grants)
            {
                await UserStore.GrantAsync(sql, person.Organisation, person.Id, grant, Guid.CreateVersion7(), TimeProvider.System.GetUtcNow(), CancellationToken.None);
            }
        },
        CancellationToken.None);

    /// <summary>A task that nobody runs: it waits for a far day, or has ended.</summary>
    public async Task AddTaskAsync(TaskId id, string state, string? title = null)
    {
        var database = Services.GetRequiredService<SqlDatabase>();
        var now = TimeProvider.System.GetUtcNow();
        var row = new TaskRow
        {
            Organisation = (await database.ReadAsync(sql => UserStore.FindForLoginAsync(sql, Setup.AdministratorName, CancellationToken.None), CancellationToken.None))!.Organisation,
            Id = id, Kind = "Images.Verify", Title = title ?? $"Verify image {state}", Arguments = "{}", State = state, Attempt = 0, Due = now.AddDays(1000), Created = now, CreatedBy = Setup.AdministratorName,
            Cancel = 0, Done = 0, Total = 0, Unit = "", Claim = 0, Logged = 0,
        };
        await database.WriteAsync(
            async sql =>
            {
                await TaskStore.AddAsync(sql, row, [new TaskStep("content", "Read its files' content", (_, _) => Task.CompletedTask)], CancellationToken.None);
                await sql.ExecuteAsync("UPDATE tasks SET ended = CASE WHEN state = 'queued' THEN NULL ELSE created END WHERE organisation = @Organisation AND id = @Id", row, CancellationToken.None);
            },
            CancellationToken.None);
    }

    /// <summary>Signs a client in and lets it carry what changes from a browser session must carry.</summary>
    public static async Task<Me> LoginAsync(HttpClient client, string password, string name = "admin")
    {
        var answer = await client.PostAsJsonAsync("/api/v1/login", new Login(name, password), WireJson.Options);
        answer.EnsureSuccessStatusCode();
        var me = (await answer.Content.ReadFromJsonAsync<Me>(WireJson.Options))!;
        client.DefaultRequestHeaders.Remove(AccessMiddleware.CsrfHeader);
        client.DefaultRequestHeaders.Add(AccessMiddleware.CsrfHeader, me.Csrf);
        return me;
    }

    /// <summary>A client that carries an API token of the administrator's.</summary>
    public async Task<HttpClient> WithTokenAsync(params string[] operations)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Add("Authorization", "Bearer " + await MakeTokenAsync(operations));
        return client;
    }

    /// <summary>An API token of the administrator's that may use the given operations.</summary>
    public Task<string> MakeTokenAsync(params string[] operations) => MakeTokenAsync($"test {Guid.NewGuid():N}", operations);

    public async Task<string> MakeTokenAsync(string name, string[] operations)
    {
        using var admin = await SignInAsync();
        var answer = await admin.PostAsJsonAsync("/api/v1/tokens/add", new AddToken(name, operations), WireJson.Options);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<TokenAdded>(WireJson.Options))!.Token.Reveal();
    }

    /// <summary>Stops answering; the data stays until this is disposed.</summary>
    public Task StopAsync() => app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        await app.StopAsync();
        await app.DisposeAsync();
        if (ownFolder is not null)
        {
            await TestDatabase.RemoveAsync(ownFolder.Path);
            ownFolder.Dispose();
        }
    }
}
