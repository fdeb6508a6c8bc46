using System.CommandLine;

namespace Muster.Cli.Running;

/// <summary>Makes the verbs of one command line: each is a name, its arguments and options, and what it does.</summary>
internal sealed class Verbs(Surroundings around, CommonOptions common)
{
    /// <summary>A read operation: <c>Images.List</c> becomes <c>list</c>.</summary>
    public VerbCommand Read(string operation, string description, IEnumerable<Symbol> symbols, Func<Run, CancellationToken, Task<int>> action) =>
        Make(new VerbCommand(OperationPath.Verb(operation), description) { Operations = [operation] }, symbols, action);

    /// <summary>A read that needs other operations besides its own.</summary>
    public VerbCommand Read(string operation, IReadOnlyList<string> others, string description, IEnumerable<Symbol> symbols, Func<Run, CancellationToken, Task<int>> action) =>
        Make(new VerbCommand(OperationPath.Verb(operation), description) { Operations = [operation, .. others] }, symbols, action);

    /// <summary>A change: with <c>--dry-run</c> and <c>--yes</c>.</summary>
    public VerbCommand Change(string operation, string description, IEnumerable<Symbol> symbols, Func<Run, CancellationToken, Task<int>> action) =>
        Make(new VerbCommand(OperationPath.Verb(operation), description) { Operations = [operation] }, [.. symbols, common.DryRun, common.Yes], action);

    /// <summary>A change that needs other operations besides its own.</summary>
    public VerbCommand Change(string operation, IReadOnlyList<string> others, string description, IEnumerable<Symbol> symbols, Func<Run, CancellationToken, Task<int>> action) =>
        Make(new VerbCommand(OperationPath.Verb(operation), description) { Operations = [operation, .. others] }, [.. symbols, common.DryRun, common.Yes], action);

    /// <summary>A verb under a name of its own that changes something which is not planned by it: with <c>--yes</c>.</summary>
    public VerbCommand Confirmed(string name, string description, IEnumerable<Symbol> symbols, Func<Run, CancellationToken, Task<int>> action) =>
        Make(new VerbCommand(name, description), [.. symbols, common.Yes], action);

    /// <summary>A verb under a name of its own.</summary>
    public VerbCommand Named(string name, IReadOnlyList<string> operations, string description, IEnumerable<Symbol> symbols, Func<Run, CancellationToken, Task<int>> action) =>
        Make(new VerbCommand(name, description) { Operations = operations }, symbols, action);

    private VerbCommand Make(VerbCommand command, IEnumerable<Symbol> symbols, Func<Run, CancellationToken, Task<int>> action)
    {
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    command.Add(argument);
                    break;
                case Option option:
                    command.Add(option);
                    break;
            }
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var run = new Run(parsed, around, common);
            return await action(run, cancellationToken);
        });
        return command;
    }
}
