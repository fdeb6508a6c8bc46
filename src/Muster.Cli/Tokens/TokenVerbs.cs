using System.CommandLine;
using Muster.Cli.Running;

namespace Muster.Cli.Tokens;

internal static class TokenVerbs
{
    public static IEnumerable<Command> All(Verbs verbs) => [ListTokensVerb.Build(verbs), AddTokenVerb.Build(verbs), DeleteTokenVerb.Build(verbs)];
}
