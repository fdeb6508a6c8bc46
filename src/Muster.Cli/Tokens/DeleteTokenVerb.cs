using System.CommandLine;
using System.Text.Json;
using Muster.Cli.Running;
using Muster.Protocol;
using Muster.Protocol.Identity;

namespace Muster.Cli.Tokens;

internal static class DeleteTokenVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var token = new Argument<string>("TOKEN") { Description = "Name or id of the token" };
        return verbs.Change("Tokens.Delete", "Deletes an API token; whatever uses it is refused from then on", [token], (run, cancellationToken) =>
            run.ChangeAndShowAsync(
                "Tokens.Delete",
                new DeleteToken(run.Value(token)!),
                MusterJson.Default.DeleteToken,
                answer => run.Output.Plain.Line($"Token {answer.Deserialize(MusterJson.Default.TokenDeleted)!.Name} is deleted."),
                cancellationToken));
    }
}
