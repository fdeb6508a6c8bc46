using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>
/// <c>./dev up</c> of a fresh clone with empty caches of NuGet, npm and Debian roots, and then once more. What apt installs
/// is on this computer already.
/// </summary>
internal static partial class UpBench
{
    public static async Task<IReadOnlyList<Measurement>> RunAsync(CancellationToken cancellationToken)
    {
        const string Clone = "git clone . CLONE; cd CLONE; NUGET_PACKAGES=NEW npm_config_cache=NEW XDG_CACHE_HOME=NEW ./dev up --once";
        var cold = new Measurement("cold ./dev up to usable pages", Clone, "under 5 min", "", "s");
        var coldWhole = new Measurement("the same to the end of the walk", Clone, "", "", "s");
        var warm = new Measurement("warm ./dev up to usable pages", "./dev up --once, again", "under 15 s", "", "s");
        var warmWhole = new Measurement("the same to the end of the walk", "./dev up --once, again", "", "", "s");
        using var folder = new TemporaryFolder();
        await Command.RunAsync("git", ["clone", "--quiet", Repository.Root, folder.Under("clone")], cancellationToken);
        var port = FreePort();
        foreach (var (usable, whole) in ((Measurement, Measurement)[])[(cold, coldWhole), (warm, warmWhole)])
        {
            whole.Add(await BenchGround.SecondsAsync(async () => usable.Add(await UpAsync(folder, port, cancellationToken))));
            Console.WriteLine(usable.Line());
        }

        return [cold, coldWhole, warm, warmWhole];
    }

    private static async Task<double> UpAsync(TemporaryFolder folder, int port, CancellationToken cancellationToken)
    {
        await using var up = LeashedProcess.Start(
            [Path.Combine(folder.Under("clone"), "dev"), "up", "--once", "--port", port.ToString(CultureInfo.InvariantCulture)], null,
            ("NUGET_PACKAGES", folder.Under("nuget")), ("npm_config_cache", folder.Under("npm")), ("XDG_CACHE_HOME", folder.Under("cache")));
        return await up.WaitAsync(cancellationToken) == 0 && Usable().Match(up.Said) is { Success: true } said
            ? double.Parse(said.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new DevException($"./dev up failed:\n{up.Said}");
    }

    // The second run has to be reached by the machine of the first.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"usable after ([0-9.]+) s")]
    private static partial Regex Usable();
}
