using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text;

namespace Muster.Cli.Running;

/// <summary>
/// What <c>--help</c> writes: usage, arguments and options of the one verb. What every verb has is described once, at
/// <c>muster --help</c>. These texts are the reference of the command line.
/// </summary>
internal sealed class HelpText(int width) : SynchronousCommandLineAction
{
    private const int Gap = 3, WidestLeft = 30;

    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.Write(Of(parseResult.CommandResult.Command));
        return ExitCode.Done;
    }

    private string Of(Command command)
    {
        var text = new StringBuilder();
        text.Append(command.Description).Append("\n\nusage: ").Append(Words(command));
        foreach (var argument in command.Arguments)
        {
            text.Append(' ').Append(Usage(argument));
        }

        text.Append(command.Subcommands.Count > 0 ? command is RootCommand ? " NOUN VERB" : " VERB" : "").Append(" [options]\n");
        Section(text, command is RootCommand ? "commands" : "verbs", command.Subcommands.Where(sub => !sub.Hidden).Select(sub => (sub.Name, sub.Description)));
        Section(text, "arguments", command.Arguments.Select(argument => (argument.Name, argument.Description)));
        Section(text, "options", command.Options.Where(option => !option.Hidden).Select(Describe));
        if (command is not RootCommand)
        {
            text.Append("\nmuster --help shows the options that every verb has: --server, --output, …\n");
        }

        return text.ToString();
    }

    private static string Words(Command command) =>
        command is RootCommand ? "muster" : $"{Words(command.Parents.OfType<Command>().First())} {command.Name}";

    private static string Usage(Argument argument)
    {
        var name = argument.Arity.MaximumNumberOfValues > 1 ? argument.Name + "…" : argument.Name;
        return argument.Arity.MinimumNumberOfValues == 0 || argument.HasDefaultValue ? $"[{name}]" : name;
    }

    private static (string Left, string? Right) Describe(Option option)
    {
        var names = string.Join(", ", option.Aliases.Where(alias => alias.StartsWith('-')).OrderBy(alias => alias.Length).Append(option.Name));
        var given = option.HasDefaultValue && option.HelpName is not null && option.GetDefaultValue() is { } value and not Enum ? $" [default: {value}]" : "";
        return ($"{names}{(option.HelpName is { } what ? $" {what.ToUpperInvariant()}" : "")}", $"{option.Description}{given}{(option.Required ? " (required)" : "")}");
    }

    private void Section(StringBuilder text, string head, IEnumerable<(string Left, string? Right)> lines)
    {
        var all = lines.ToList();
        if (all.Count == 0)
        {
            return;
        }

        text.Append('\n').Append(head).Append(":\n");
        var left = Math.Min(WidestLeft, all.Max(line => line.Left.Length)) + Gap;
        foreach (var (name, description) in all)
        {
            text.Append("  ").Append(name);
            var column = name.Length;
            if (column > left - Gap)
            {
                text.Append('\n').Append(' ', 2);
                column = 0;
            }

            text.Append(' ', left - column);
            Wrap(text, description ?? "", left + 2);
            text.Append('\n');
        }
    }

    private void Wrap(StringBuilder text, string words, int indent)
    {
        var room = Math.Max(20, width - indent);
        var used = 0;
        foreach (var word in words.Split(' '))
        {
            if (used > 0 && used + 1 + word.Length > room)
            {
                text.Append('\n').Append(' ', indent);
                used = 0;
            }

            text.Append(used > 0 ? " " : "").Append(word);
            used += word.Length + (used > 0 ? 1 : 0);
        }
    }
}
