using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Muster.Cli.Running;
using Muster.Cli.Server;
using Muster.Cli.Showing;
using Muster.Core.Problems;

namespace Muster.Cli;

/// <summary>The whole command line: a table of contents, and the edge where failures become words and exit codes.</summary>
internal static class MusterCommand
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Surroundings around, CancellationToken cancellationToken)
    {
        var root = Build(around);
        var parsed = root.Parse(arguments);
        var errors = new StyledWriter(around.Error, color: around.ErrorIsTerminal && around.Environment("NO_COLOR") is null or "");
        var isForServer = arguments is [ServerVerbs.Noun, var verb, ..] && !verb.StartsWith('-') && !arguments.Any(word => word is "-h" or "--help" or "-?");
        if (parsed.Action is ParseErrorAction && !isForServer)
        {
            return Refuse(parsed, errors);
        }

        var invocation = new InvocationConfiguration { Output = around.Out, Error = around.Error, EnableDefaultExceptionHandler = false };
        try
        {
            return isForServer
                ? ServerProgram.Become([.. arguments.Skip(1)], around.Environment)
                : await parsed.InvokeAsync(invocation, cancellationToken);
        }
        catch (ProblemException problem)
        {
            return ProblemReport.Write(problem, parsed.CommandResult.Command, errors);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (IOException e) when (e.HResult == 32)
        {
            // The reader of our pipe has seen enough.
            return ExitCode.Done;
        }
        catch (Exception e) when (around.Environment("MUSTER_DEBUG") is null or "")
        {
            errors.Text("muster: ", Style.Bad).Line($"{e.GetType().Name}: {e.Message} (a bug; MUSTER_DEBUG=1 shows where)");
            return ExitCode.Of(ProblemKind.Bug);
        }
    }

    public static RootCommand Build(Surroundings around)
    {
        var common = new CommonOptions();
        var verbs = new Verbs(around, common);
        var root = new RootCommand("""
            Keeps Linux machines exactly like their images. Begin with: muster login https://SERVER:8443

            Every change can be seen first with --dry-run, is asked about in a terminal, and done without asking with --yes.
            Exit codes: 0 done, 1 not so (--wait, images check), 2 asked wrongly, 3 not allowed, 4 not there, 5 conflict, 70 a bug,
            74 no room, 75 try again later.
            """)
        {
            Noun("images", "What machines must match", Images.ImageVerbs.All(verbs)),
            Noun("machines", "Hosts with an agent", Machines.MachineVerbs.All(verbs)),
            Noun("conditions", "Lasting troubles", Conditions.ConditionVerbs.All(verbs)),
            Noun("tasks", "Work of several steps", Tasks.TaskVerbs.All(verbs)),
            Noun("events", "What happens", Events.EventVerbs.All(verbs)),
            Noun("plans", "What was planned and not yet done", Plans.PlanVerbs.All(verbs)),
            Noun("operations", "What the server can be asked for", Operations.OperationVerbs.All(verbs)),
            Noun("tokens", "API tokens", Tokens.TokenVerbs.All(verbs)),
            Noun("users", "People who sign in", Users.UserVerbs.All(verbs)),
            Noun(ServerVerbs.Noun, "The server on this host; runs muster-server with the same words", ServerVerbs.All(verbs)),
        };
        foreach (var verb in SigningIn.SigningInVerbs.All(verbs))
        {
            root.Add(verb);
        }

        foreach (var option in (ReadOnlySpan<Option>)[common.Server, common.TokenFile, common.AuthorityFile, common.Output, common.NoColor])
        {
            root.Add(option);
        }

        // As wide as the terminal; in a pipe as wide as pages are.
        var help = new HelpText(around.OutIsTerminal ? around.Width : 120);
        root.Options.OfType<HelpOption>().Single().Action = help;

        // A noun alone is a question: what can be done with it?
        root.Action = help;
        foreach (var noun in root.Subcommands.Where(sub => sub.Subcommands.Count > 0))
        {
            noun.Action = help;
        }

        return root;
    }

    private static Command Noun(string name, string description, IEnumerable<Command> verbs)
    {
        var noun = new Command(name, description);
        foreach (var verb in verbs)
        {
            noun.Add(verb);
        }

        return noun;
    }

    private static int Refuse(ParseResult parsed, StyledWriter errors)
    {
        foreach (var error in parsed.Errors)
        {
            errors.Text("muster: ", Style.Bad).Line(error.Message);
        }

        var command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens is [var typed, ..] && Nearest.To(typed, command.Subcommands.Select(sub => sub.Name)) is { } meant)
        {
            errors.Line($"Did you mean: {Words(command)} {meant}");
        }

        errors.Line($"See: {Words(command)} --help");
        return ExitCode.Wrong;
    }

    private static string Words(Command command)
    {
        var words = new Stack<string>();
        for (Command? level = command; level is not null; level = level.Parents.OfType<Command>().FirstOrDefault())
        {
            words.Push(level is RootCommand ? "muster" : level.Name);
        }

        return string.Join(' ', words);
    }
}
