using System.Diagnostics;
using System.Globalization;
using Muster.Files;

namespace Muster.Benchmarks;

/// <summary>Scans of a whole root with nothing remembered, for <c>./dev bench</c>, which wants processor seconds too.</summary>
internal static class ScanOnce
{
    /// <summary>A line for each scan: seconds that passed, and seconds of processors.</summary>
    public static async Task RunAsync(string path, int rounds)
    {
        using var root = Linux.OpenRoot(path);
        var own = Process.GetCurrentProcess();
        for (var round = 0; round < rounds; round++)
        {
            own.Refresh();
            var before = own.TotalProcessorTime;
            var took = Stopwatch.StartNew();
            await TreeScanner.ScanAsync(root, new ScanOptions(), TimeProvider.System, CancellationToken.None);
            took.Stop();
            own.Refresh();
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{took.Elapsed.TotalSeconds} {(own.TotalProcessorTime - before).TotalSeconds}"));
        }
    }
}
