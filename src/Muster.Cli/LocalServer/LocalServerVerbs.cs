using System.CommandLine;
using System.Diagnostics;
using Muster.Cli.Running;
using Muster.Core.Problems;

namespace Muster.Cli.LocalServer;

/// <summary>
/// <c>muster server …</c> needs no server that answers: it runs <c>muster-server</c> on this host with the same words. Run by
/// root it becomes the user of the service, so that the service can read what it made.
/// </summary>
internal static class LocalServerVerbs
{
    private const string ServiceUser = "muster";

    public static IEnumerable<Command> All() =>
    [
        Build("init", "Makes the installation on this host: keys, database, certificate authority, administrator"),
        Build("status", "Says whether the server on this host answers, and the fingerprint of its authority"),
    ];

    private static VerbCommand Build(string verb, string description)
    {
        var verbCommand = new VerbCommand(verb, description + " (options: muster-server help)") { TreatUnmatchedTokensAsErrors = false };
        verbCommand.SetAction((parsed, cancellationToken) => RunAsync(verb, parsed.UnmatchedTokens, cancellationToken));
        return verbCommand;
    }

    private static async Task<int> RunAsync(string verb, IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        var program = Find("muster-server")
            ?? throw new ProblemException(ProblemKind.NotFound, "server.not-here", "muster-server is not installed on this host; install its package, or run this on the server's host");
        var start = new ProcessStartInfo(program, [verb, .. options]);
        if (Environment.IsPrivilegedProcess && !options.Contains("--data") && HasServiceUser())
        {
            // Root's present folder is nobody else's.
            start = new ProcessStartInfo("setpriv", [$"--reuid={ServiceUser}", $"--regid={ServiceUser}", "--clear-groups", program, verb, .. options]) { WorkingDirectory = "/" };
        }

        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static bool HasServiceUser() => File.ReadLines("/etc/passwd").Any(line => line.StartsWith(ServiceUser + ":", StringComparison.Ordinal));
}
