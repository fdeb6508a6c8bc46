using System.CommandLine;
using System.Text.Json;
using Muster.Cli.Connection;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Operations;

namespace Muster.Cli.Plans;

/// <summary>Plans by their hash: what was planned in the page, or with <c>--dry-run</c>, is looked at and applied here.</summary>
internal static class PlanVerbs
{
    public static IEnumerable<Command> All(Verbs verbs) => [Show(verbs), Apply(verbs)];

    private static VerbCommand Show(Verbs verbs)
    {
        var hash = Hash();
        return verbs.Named("show", [], "Shows a plan of yours", [hash], async (run, cancellationToken) =>
        {
            using var answer = await GetAsync(run, Read(run, hash), cancellationToken);
            run.Output.Write(answer.RootElement, () => PlanView.Write(run.Output.Plain, PlanOf(answer)));
            return ExitCode.Done;
        });
    }

    private static VerbCommand Apply(Verbs verbs)
    {
        var hash = Hash();
        return verbs.Confirmed("apply", "Applies a plan of yours, once; asked again it gives the first answer", [hash], async (run, cancellationToken) =>
        {
            var digest = Read(run, hash);
            run.RequireYesOrTerminal($"or see it first with muster plans show {digest}");
            using var document = await GetAsync(run, digest, cancellationToken);
            var plan = PlanOf(document);
            if (!run.Yes)
            {
                PlanView.Write(run.Output.Notes, plan);
                if (!await run.ConfirmAsync(cancellationToken))
                {
                    return ExitCode.Done;
                }
            }

            using var answer = await run.Client.ApplyAsync(digest, cancellationToken);
            run.Output.Write(answer.RootElement, () =>
            {
                run.Output.Notes.Line($"Done: {plan.Sentence}", Style.Good);

                // Its form is that of whatever was planned.
                foreach (var line in Yaml.Write(answer.RootElement).TrimEnd().Split('\n'))
                {
                    run.Output.Plain.Line(line);
                }
            });
            return ExitCode.Done;
        });
    }

    private static Argument<string> Hash() => new("HASH") { Description = "The plan's hash, as a plan shows it" };

    private static Digest Read(Run run, Argument<string> hash) => Digest.TryParse(run.Value(hash), out var digest)
        ? digest
        : throw new ProblemException([new Fault("hash", "64 hexadecimal digits, as a plan shows them")]);

    private static Task<JsonDocument> GetAsync(Run run, Digest hash, CancellationToken cancellationToken) => run.Client.GetAsync($"/api/v1/plans/{hash}", cancellationToken);

    private static Plan PlanOf(JsonDocument answer) =>
        answer.Deserialize(MusterJson.Default.Plan) ?? throw new ProblemException(ProblemKind.Unavailable, "server.not-json", "the server answered without a plan");
}
