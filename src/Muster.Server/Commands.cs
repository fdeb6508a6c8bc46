using System.Net.Sockets;
using Muster.Core.Problems;

namespace Muster.Server;

/// <summary>What <c>muster-server</c> does for each of its words.</summary>
internal static class Commands
{
    public static WebApplicationBuilder AddConfiguration(this WebApplicationBuilder builder, ServerOptions options)
    {
        Settings.AddFile(builder.Configuration, options);
        builder.Configuration.AddEnvironmentVariables("MUSTER_");
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);

        // A failure to start is told once, in words, by ExplainAsync.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        if (options.JsonLog)
        {
            builder.Logging.AddJsonConsole(json =>
            {
                json.IncludeScopes = true;
                json.UseUtcTimestamp = true;
                json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
            });
        }
        else
        {
            builder.Logging.AddSimpleConsole(text => text.SingleLine = true);
        }

        return builder;
    }

    public static async Task<int> InitAsync(ServerOptions options)
    {
        await using var app = Program.Build(options);
        if (await PrepareAsync(app) is { } password)
        {
            await TellAsync(options, password);
        }
        else if (await app.Services.GetRequiredService<Setup>().RenewOneTimePasswordAsync(CancellationToken.None) is { } renewed)
        {
            await TellAgainAsync(options, renewed);
        }
        else
        {
            await Console.Out.WriteLineAsync($"{options.DataDirectory} is an installation already; nothing was changed.");
        }

        return 0;
    }

    public static async Task<int> RunAsync(ServerOptions options)
    {
        await using var app = Program.Build(options);
        if (await PrepareAsync(app) is { } password)
        {
            await TellAsync(options, password);
        }

        try
        {
            await app.StartAsync();
        }
        catch (IOException e) when (e.InnerException is SocketException or Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new ProblemException(ProblemKind.Unavailable, "listen.in-use", $"cannot listen on {options.Listen}: another program does; stop it or choose another with --listen", e);
        }
        catch (SocketException e)
        {
            throw new ProblemException(ProblemKind.Unavailable, "listen.failed", $"cannot listen on {options.Listen}: {e.Message}", e);
        }

        foreach (var url in app.Urls)
        {
            await Console.Out.WriteLineAsync($"muster-server listens on {url}, known as {string.Join(", ", options.PublicNames)}");
        }

        await app.WaitForShutdownAsync();
        return 0;
    }

    public static async Task<int> StatusAsync(ServerOptions options)
    {
        using var handler = new SocketsHttpHandler();

        // It asks this very host whether it is alive; nothing is sent and nothing believed that a certificate would protect.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        using var client = new HttpClient(handler);
        var address = $"https://localhost:{options.EndPoint.Port}/readyz";
        try
        {
            var answer = await client.GetAsync(new Uri(address));
            await Console.Out.WriteLineAsync($"{address} answers {(int)answer.StatusCode}: {(await answer.Content.ReadAsStringAsync()).Trim()}");
            var pem = await client.GetStringAsync(new Uri($"https://localhost:{options.EndPoint.Port}{Certificates.AuthorityApi.Path}"));
            using var authority = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(pem);
            var fingerprint = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(authority.RawData));
            await Console.Out.WriteLineAsync($"its authority (SHA-256), for the first muster login:\n  {string.Join(':', fingerprint.Chunk(2).Select(pair => new string(pair)))}");
            return answer.IsSuccessStatusCode ? 0 : 75;
        }
        catch (HttpRequestException e)
        {
            throw new ProblemException(ProblemKind.Unavailable, "server.silent", $"nothing answers at {address}: {e.Message}", e);
        }
    }

    public static async Task<int> ExplainAsync(ProblemException problem)
    {
        if (problem.Faults.Count == 0)
        {
            await Console.Error.WriteLineAsync($"muster-server: {problem.Message} ({problem.Code})");
        }

        foreach (var fault in problem.Faults)
        {
            await Console.Error.WriteLineAsync($"muster-server: {fault.Argument}: {fault.Message}");
        }

        return problem.Kind switch
        {
            ProblemKind.Invalid or ProblemKind.TooLarge => 2,
            ProblemKind.Denied or ProblemKind.Unauthenticated => 3,
            ProblemKind.NotFound => 4,
            ProblemKind.Conflict => 5,
            ProblemKind.Unavailable or ProblemKind.Throttled => 75,
            ProblemKind.Full => 74,
            _ => 70,
        };
    }

    private static Task<string?> PrepareAsync(WebApplication app) => app.Services.GetRequiredService<Setup>().RunAsync(CancellationToken.None);

    private static Task TellAsync(ServerOptions options, string password) => Console.Out.WriteLineAsync(
        $"""
        Made the installation in {options.DataDirectory}.
        Sign in as {Setup.AdministratorName} with the one-time password {password}; it must be changed at the first login and is shown only now.
        """);

    private static Task TellAgainAsync(ServerOptions options, string password) => Console.Out.WriteLineAsync(
        $"""
        {options.DataDirectory} is an installation already, whose administrator has not chosen a password yet.
        Sign in as {Setup.AdministratorName} with the new one-time password {password}; it must be changed at the first login. The one before is good no more.
        """);
}
