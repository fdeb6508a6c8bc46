using System.CommandLine;

namespace Muster.Cli.Running;

/// <summary>A verb. Knows which operations of the server it stands for, so that a test can find the operation that has none.</summary>
internal sealed class VerbCommand(string name, string description) : Command(name, description)
{
    public IReadOnlyList<string> Operations { get; init; } = [];
}
