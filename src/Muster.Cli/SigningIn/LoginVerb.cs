using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using Muster.Cli.Connection;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Identity;

namespace Muster.Cli.SigningIn;

internal static class LoginVerb
{
    private const int Days = 30;

    public static VerbCommand Build(Verbs verbs)
    {
        var server = new Argument<string?>("SERVER") { Description = "Address such as https://muster.example:8443 [default: the last login]", Arity = ArgumentArity.ZeroOrOne };
        var user = new Option<string?>("--user") { Description = "Who signs in [default: asked for]", HelpName = "name" };
        var passwordFile = new Option<string?>("--password-file") { Description = "File whose first line is the password; - for standard input [default: asked for]", HelpName = "file" };
        var newPasswordFile = new Option<string?>("--new-password-file") { Description = "File with the new password, where a one-time password must be changed", HelpName = "file" };
        var fingerprint = new Option<string?>("--fingerprint") { Description = "SHA-256 of the server's authority, as muster server status shows it; nothing is asked then", HelpName = "hex" };
        var trustFirst = new Option<bool>("--trust-first") { Description = "Believe the authority that the server shows at this first contact" };
        return verbs.Named(
            "login",
            ["Tokens.Add"],
            "Signs in to a server and keeps an API token for later commands",
            [server, user, passwordFile, newPasswordFile, fingerprint, trustFirst],
            async (run, cancellationToken) =>
            {
                var file = LoginFile.Load(run.Around.ConfigFolder);
                var address = ServerAddress.Parse(
                    run.Value(server) ?? run.ServerTyped ?? run.Around.Environment("MUSTER_SERVER") ?? file.Current
                    ?? throw new ProblemException([new Fault("server", "which server? Name its address, such as https://muster.example:8443")]),
                    "server");
                var pinned = file.Servers.GetValueOrDefault(ServerAddress.Show(address))?.Authority;
                var authority = run.Value(fingerprint) is null && pinned is not null
                    ? pinned
                    : await AuthorityQuestion.AskAsync(address, run.Value(fingerprint), run.Value(trustFirst), run.Around, cancellationToken);
                var name = run.Value(user) ?? AskName(run.Around);
                var password = Passwords.Read(run.Around, run.Value(passwordFile), "Password", "passwordFile");
                await using var session = await PersonSession.OpenAsync(address, ServerTrust.FromPem(authority, "the login file"), name, password, cancellationToken);
                if (session.Me.MustChangePassword)
                {
                    await run.Around.Error.WriteLineAsync("This is a one-time password; choose your own now.");
                    await session.ChangePasswordAsync(password, Passwords.ReadNew(run.Around, run.Value(newPasswordFile), "newPasswordFile"), cancellationToken);
                }

                var login = await MakeTokenAsync(session, authority, cancellationToken);
                file.With(ServerAddress.Show(address), login).Save(run.Around.ConfigFolder);
                await run.Around.Out.WriteLineAsync($"Signed in to {ServerAddress.Show(address)} as {StyledWriter.Safe(login.User)} ({StyledWriter.Safe(login.Organisation)}) until {Texts.Time(login.ExpiresAt)}.");
                return ExitCode.Done;
            });
    }

    private static async Task<StoredLogin> MakeTokenAsync(PersonSession session, string authority, CancellationToken cancellationToken)
    {
        // A token of this computer's own, so that signing out here leaves other computers alone.
        var name = $"{session.Me.Name}@{Environment.MachineName}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}";
        using var answer = await session.Client.ChangeAsync("Tokens.Add", new AddToken(name, ["*.*"], Days), MusterJson.Default.AddToken, cancellationToken);
        var token = answer.Deserialize(MusterJson.Default.TokenAdded)!;
        return new StoredLogin(authority, token.Token.Reveal(), token.Id.ToString(), session.Me.Name, session.Me.OrganisationName, token.ExpiresAt);
    }

    private static string AskName(Surroundings around)
    {
        if (!around.InIsTerminal)
        {
            throw new ProblemException([new Fault("user", "who signs in? There is no terminal to ask at")]);
        }

        around.Error.Write("User: ");
        around.Error.Flush();
        return around.In.ReadLine() is { Length: > 0 } name ? name : throw new ProblemException([new Fault("user", "no name was given")]);
    }
}
