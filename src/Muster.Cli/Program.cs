using Muster.Cli.Running;

namespace Muster.Cli;

internal static class Program
{
    public static Task<int> Main(string[] arguments) => MusterCommand.RunAsync(arguments, Surroundings.OfThisProcess(), CancellationToken.None);
}
