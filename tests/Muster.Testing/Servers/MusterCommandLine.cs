using System.Diagnostics;
using System.Text.Json;

namespace Muster.Testing;

/// <summary>The real command line against a server, signed in by a token. Secrets go through its environment, never its arguments.</summary>
/// <param name="program">Another build of it than this one.</param>
/// <param name="home">Where it remembers things; null for this person's own.</param>
public sealed class MusterCommandLine(Uri server, string token, string authorityFile, string? program = null, string? home = null)
{
    private string Program => program ?? Path.Combine(AppContext.BaseDirectory, "muster");

    /// <summary>What it says and how it ends.</summary>
    public Task<CommandResult> TryAsync(IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        Command.TryAsync(StartInfo(arguments), cancellationToken);

    /// <summary>The answer as JSON; an exit code other than 0 is an exception with what it said.</summary>
    public async Task<JsonElement> AskAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await TryAsync([.. arguments, "--output", "json"], cancellationToken);
        return result.ExitCode == 0
            ? JsonSerializer.Deserialize<JsonElement>(result.Output)
            : throw new CommandException($"muster {string.Join(' ', arguments)} ended with {result.ExitCode}: {result.Error}");
    }

    /// <summary>Runs on this console.</summary>
    public Task<int> ShowAsync(IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        Command.ShowAsync(StartInfo(arguments), cancellationToken);

    private ProcessStartInfo StartInfo(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Program, arguments);
        start.Environment["MUSTER_SERVER"] = server.ToString();
        start.Environment["MUSTER_TOKEN"] = token;
        start.Environment["MUSTER_AUTHORITY_FILE"] = authorityFile;
        if (home is not null)
        {
            start.Environment["HOME"] = home;
            start.Environment["XDG_CACHE_HOME"] = Path.Combine(home, "cache");
            start.Environment["XDG_CONFIG_HOME"] = Path.Combine(home, "config");
        }

        return start;
    }
}
