using System.Diagnostics;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>
/// Machines and their tests are root's: mounts, owners, fanotify. Builds are not, or the working copy would fill with files
/// that its owner cannot remove. So whoever is not root builds first, and starts only then what runs, through sudo.
/// </summary>
internal static class AsRoot
{
    // sudo starts with an environment of its own; these are what the programs go by. None of them is a secret.
    private static readonly string[] Kept =
        ["CI", "DOTNET_ROOT", "DOTNET_ROOT_X64", "MUSTER_DEV_STARTED", "MUSTER_GOLDEN", "MUSTER_REQUIRE_PEERS", "NO_COLOR", "SOURCE_DATE_EPOCH", "TERM"];

    public static bool IsHere => Environment.IsPrivilegedProcess;

    /// <summary>This program again, as root, when all is built.</summary>
    public static Task<int> AgainAsync(IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        TryAsync([Environment.ProcessPath!, .. arguments, "--prepared"], cancellationToken);

    public static Task<int> TryAsync(IReadOnlyList<string> command, CancellationToken cancellationToken, params (string Name, string Value)[] environment) =>
        IsHere ? Tool.TryAsync(Repository.Root, command, cancellationToken, environment) : LeashedAsync(command, environment, cancellationToken);

    // What root runs we cannot kill. The leash stops it when its input ends, which also happens when we end in any way.
    private static async Task<int> LeashedAsync(IReadOnlyList<string> command, (string Name, string Value)[] environment, CancellationToken cancellationToken)
    {
        if (Peer.Find("sudo") is null)
        {
            throw new DevException("not root and no sudo here; run ./dev as root");
        }

        var kept = Kept.Select(name => (Name: name, Value: Environment.GetEnvironmentVariable(name)!)).Where(variable => variable.Value is not null);
        var start = new ProcessStartInfo("sudo",
            [
                "-H", "--", "env", $"PATH={Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin", $"NUGET_PACKAGES={NuGetPackages}",
                .. kept.Concat(environment).Select(variable => $"{variable.Name}={variable.Value}"),
                "bash", Path.Combine(AppContext.BaseDirectory, "Servers", "leash.sh"), .. command,
            ])
        { WorkingDirectory = Repository.Root, RedirectStandardInput = true };
        using var process = Process.Start(start) ?? throw new DevException("sudo did not start");
        await using (cancellationToken.Register(process.StandardInput.Close))
        {
            await process.WaitForExitAsync(CancellationToken.None);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return process.ExitCode;
    }

    private static string NuGetPackages => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
}
