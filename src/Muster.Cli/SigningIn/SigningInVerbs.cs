using System.CommandLine;
using Muster.Cli.Running;

namespace Muster.Cli.SigningIn;

internal static class SigningInVerbs
{
    public static IEnumerable<Command> All(Verbs verbs) => [LoginVerb.Build(verbs), LogoutVerb.Build(verbs)];
}
