using System.CommandLine;
using System.Text.Json;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Cli.SigningIn;
using Muster.Protocol;
using Muster.Protocol.Identity;

namespace Muster.Cli.Tokens;

internal static class AddTokenVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var name = new Argument<string>("NAME") { Description = "Name of the token, unique among yours" };
        var operations = new Option<string[]>("--operations")
        {
            Description = "What it may do, at most what you may: Images.*, Machines.List; may be repeated",
            HelpName = "pattern",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var days = new Option<int>("--days") { Description = "Days until it expires, 1 to 366", HelpName = "n", DefaultValueFactory = _ => 30 };
        var passwordFile = new Option<string?>("--password-file") { Description = "File whose first line is your password; - for standard input [default: asked for]", HelpName = "file" };
        return verbs.Change("Tokens.Add", "Makes an API token; its secret is shown once", [name, operations, days, passwordFile], async (run, cancellationToken) =>
        {
            var arguments = new AddToken(run.Value(name)!, run.Value(operations) ?? [], run.Value(days));
            Changes.Check(arguments);

            // A token makes no tokens, or a stolen one would live for ever: the person signs in once more.
            await using var session = await PersonSession.OpenAgainAsync(run, run.Value(passwordFile), "passwordFile", cancellationToken);
            return await run.ChangeAndShowAsync(
                session.Client,
                "Tokens.Add",
                arguments,
                MusterJson.Default.AddToken,
                answer => Show(run.Output, answer.Deserialize(MusterJson.Default.TokenAdded)!),
                cancellationToken);
        });
    }

    // The secret alone on standard output: muster tokens add ci --operations 'Images.*' --yes > token
    private static void Show(Output output, TokenAdded added)
    {
        output.Notes.Line($"Token {added.Name} works until {Texts.Time(added.ExpiresAt)}. It is shown only now:");
        output.Plain.Line(added.Token.Reveal());
    }
}
