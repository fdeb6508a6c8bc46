using System.Text.Json;
using Muster.Cli.Connection;
using Muster.Cli.Running;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Identity;

namespace Muster.Cli.SigningIn;

/// <summary>A session of a person at the server, as the web UI has one: what is needed to get a token or change a password. Ended when it is disposed.</summary>
internal sealed class PersonSession : IAsyncDisposable
{
    private PersonSession(MusterClient client, Me me)
    {
        Client = client;
        Me = me;
    }

    public MusterClient Client { get; }

    public Me Me { get; private set; }

    public static async Task<PersonSession> OpenAsync(Uri server, ServerTrust trust, string user, string password, CancellationToken cancellationToken)
    {
        var client = MusterClient.Open(server, trust, token: null);
        try
        {
            using var answer = await client.PostAsync("/api/v1/login", new Login(user, password), MusterJson.Default.Login, cancellationToken);
            var me = answer.Deserialize(MusterJson.Default.Me) ?? throw new ProblemException(ProblemKind.Unavailable, "server.not-json", "the server does not say who signed in");
            if (me.Csrf is { } csrf)
            {
                client.AddHeader("X-Muster-Csrf", csrf);
            }

            return new PersonSession(client, me);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>The person of the login that is meant signs in once more, for what a token may not do.</summary>
    public static async Task<PersonSession> OpenAgainAsync(Run run, string? passwordFile, string argument, CancellationToken cancellationToken)
    {
        var (server, login) = run.FindLogin();
        var password = Passwords.Read(run.Around, passwordFile, $"Password of {login.User}", argument);
        return await OpenAsync(server, ServerTrust.FromPem(login.Authority, "the login file"), login.User, password, cancellationToken);
    }

    /// <summary>Exchanges a one-time password, which is all that a session with one may do.</summary>
    public async Task ChangePasswordAsync(string current, string wanted, CancellationToken cancellationToken)
    {
        var arguments = new ChangePassword(current, wanted);
        Changes.Check(arguments);
        using var answer = await Client.ChangeAsync("Users.ChangePassword", arguments, MusterJson.Default.ChangePassword, cancellationToken);
        Me = Me with { MustChangePassword = false };
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            using var answer = await Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/v1/logout"), CancellationToken.None);
        }
        catch (ProblemException)
        {
            // It ends by itself after a while; what the person asked for is done.
        }

        Client.Dispose();
    }
}
