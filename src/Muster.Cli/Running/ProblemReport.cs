using System.CommandLine;
using Muster.Cli.Showing;
using Muster.Core.Problems;

namespace Muster.Cli.Running;

/// <summary>Says a failure once, to the person: what, where, and what to do; faults under the names that were typed.</summary>
internal static class ProblemReport
{
    public static int Write(ProblemException problem, Command command, StyledWriter to)
    {
        if (problem.Faults.Count > 0)
        {
            foreach (var fault in problem.Faults)
            {
                to.Text("muster: ", Style.Bad).Line($"{Typed(fault.Argument, command)}: {fault.Message}");
            }
        }
        else
        {
            var lines = problem.Message.Split('\n');
            to.Text("muster: ", Style.Bad).Line($"{lines[0]} ({problem.Code})");
            foreach (var line in lines.Skip(1))
            {
                to.Line(line);
            }
        }

        if (problem.RetryAfter is { } wait)
        {
            to.Line($"        try again in {Texts.Span(wait)}");
        }

        return ExitCode.Of(problem.Kind);
    }

    // The record's member "newName" was typed as --new-name or as NEW-NAME.
    private static string Typed(string argument, Command command)
    {
        var dashed = OperationPath.Dashed(argument);
        for (Command? level = command; level is not null; level = level.Parents.OfType<Command>().FirstOrDefault())
        {
            foreach (var option in level.Options)
            {
                if (option.Name == "--" + dashed)
                {
                    return option.Name;
                }
            }

            foreach (var named in level.Arguments)
            {
                if (string.Equals(named.Name, dashed, StringComparison.OrdinalIgnoreCase))
                {
                    return named.Name;
                }
            }
        }

        return argument;
    }
}
