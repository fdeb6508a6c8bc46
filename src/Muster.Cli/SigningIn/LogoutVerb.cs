using System.CommandLine;
using Muster.Cli.Connection;
using Muster.Cli.Running;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Identity;

namespace Muster.Cli.SigningIn;

internal static class LogoutVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var server = new Argument<string?>("SERVER") { Description = "Which login to end [default: the last]", Arity = ArgumentArity.ZeroOrOne };
        return verbs.Named("logout", ["Tokens.Delete"], "Deletes the token of a login, at the server and here", [server], async (run, cancellationToken) =>
        {
            var file = LoginFile.Load(run.Around.ConfigFolder);
            var typed = run.Value(server) ?? run.ServerTyped ?? file.Current ?? throw new ProblemException(ProblemKind.NotFound, "login.none", "there is no login to end");
            var address = ServerAddress.Parse(typed, "server");
            var shown = ServerAddress.Show(address);
            if (!file.Servers.TryGetValue(shown, out var login))
            {
                throw new ProblemException(ProblemKind.NotFound, "login.none", $"there is no login to {shown} here");
            }

            try
            {
                using var client = MusterClient.Open(address, ServerTrust.FromPem(login.Authority, "the login file"), login.Token);
                using var answer = await client.ChangeAsync("Tokens.Delete", new DeleteToken(login.TokenName), MusterJson.Default.DeleteToken, cancellationToken);
            }
            catch (ProblemException e)
            {
                // Forgetting it here must work without the server too; then the token lives until it expires.
                await run.Around.Error.WriteLineAsync($"The token could not be deleted at the server: {e.Message}");
            }

            file.Without(shown).Save(run.Around.ConfigFolder);
            await run.Around.Out.WriteLineAsync($"Signed out of {shown}.");
            return ExitCode.Done;
        });
    }
}
