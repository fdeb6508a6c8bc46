using System.CommandLine;
using Muster.Cli.Running;

namespace Muster.Cli.Server;

internal static class ServerVerbs
{
    public const string Noun = "server";

    // Only for help and completion: what is typed goes to muster-server as it is.
    public static IEnumerable<Command> All(Verbs verbs) =>
    [
        Passed(verbs, "init", "Makes the installation on this host: keys, database, authority, administrator"),
        Passed(verbs, "run", "Serves, in the foreground"),
        Passed(verbs, "migrate-database", "Copies everything from the present database to an empty one, SQLite or PostgreSQL"),
        Passed(verbs, "move-objects", "Copies all objects from the present store to the other, a folder or an S3 bucket"),
        Passed(verbs, "status", "Says whether the server on this host answers, and the fingerprint of its authority"),
    ];

    private static VerbCommand Passed(Verbs verbs, string name, string description)
    {
        var words = new Argument<string[]>("OPTIONS") { Description = "As muster-server takes them; muster-server help lists them", Arity = ArgumentArity.ZeroOrMore };
        return verbs.Named(name, [], description, [words], (run, _) => Task.FromResult(ServerProgram.Become([name, .. run.Value(words) ?? []], run.Around.Environment)));
    }
}
