using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Protocol;
using Muster.Protocol.Identity;

namespace Muster.Cli.Tokens;

internal static class ListTokensVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var options = new ListOptions();
        return verbs.Read("Tokens.List", "Lists your API tokens, never their secrets", options.All, (run, cancellationToken) =>
            run.ListAsync("Tokens.List", new ListTokens(), options, MusterJson.Default.ListTokens, MusterJson.Default.ListingTokenSummary, items => Show(items, run.Output.Now), cancellationToken));
    }

    private static Table Show(IReadOnlyList<TokenSummary> items, DateTimeOffset now)
    {
        var table = new Table("NAME", "OWNER", "OPERATIONS", "EXPIRES", "USED") { Nothing = "No tokens; muster tokens add makes one." };
        foreach (var token in items)
        {
            var expires = token.ExpiresAt <= now ? new Cell("expired", Style.Bad) : new Cell("in " + Texts.Span(token.ExpiresAt - now));
            table.Add(token.Name, token.Owner, string.Join(", ", token.Operations), expires, Texts.Ago(token.UsedAt, now));
        }

        return table;
    }
}
