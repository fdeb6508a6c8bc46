using System.Globalization;
using System.Text;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>
/// <c>./dev bench</c>: measures the released programs as whole processes on the benchmark root, and writes
/// <c>docs/reference/benchmarks.md</c>. Nothing else should run on the computer meanwhile.
/// </summary>
internal static class BenchCommand
{
    private static string Report => Repository.Under("docs", "reference", "benchmarks.md");

    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var options = new Options(arguments, ["--prepared"], ["--rounds"]);
        var rounds = options.FindNumber("--rounds") ?? 5;
        if (!options.Has("--prepared"))
        {
            await PackageCommand.EnsureAsync(cancellationToken);
        }

        if (!AsRoot.IsHere)
        {
            return await AsRoot.AgainAsync(["bench", .. arguments], cancellationToken);
        }

        var root = await BenchRoot.EnsureAsync(cancellationToken);
        Console.WriteLine($"{root.Files} files, {root.Entries} entries, {root.Bytes >> 20} MiB in {root.Path}");

        await using var ground = await BenchGround.StartAsync(root, cancellationToken);
        var measurements = new List<Measurement>();
        measurements.AddRange(await ImageBench.RunAsync(ground, rounds, cancellationToken));
        measurements.AddRange(await MachineBench.RunAsync(ground, rounds, cancellationToken));
        await File.WriteAllTextAsync(Report, await RenderAsync(root, measurements, cancellationToken), cancellationToken);
        foreach (var measurement in measurements)
        {
            Console.WriteLine(measurement.Line());
        }

        return 0;
    }

    private static async Task<string> RenderAsync(BenchRoot root, IEnumerable<Measurement> measurements, CancellationToken cancellationToken)
    {
        var commit = await Command.RunAsync("git", ["rev-parse", "--short", "HEAD"], cancellationToken);
        var kernel = await File.ReadAllTextAsync("/proc/sys/kernel/osrelease", cancellationToken);
        var processor = (await File.ReadAllLinesAsync("/proc/cpuinfo", cancellationToken)).First(line => line.StartsWith("model name", StringComparison.Ordinal)).Split(':')[1].Trim();
        var day = TimeProvider.System.GetUtcNow();
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"""
            # Measurements

            Written by `./dev bench`: the released programs, as whole processes, on the benchmark root of [decision 29](../adr/0029-a-benchmark-root-anybody-can-make.md), {root.Files} regular files, {root.Entries} entries, {root.Bytes / 1e9:F2} GB. The first number is the median. *Best known* is Dominator on such a machine.

            {day:yyyy-MM-dd}, commit {commit.Trim()}, {Environment.ProcessorCount} × {processor}, Linux {kernel.Trim()}, file caches warm.

            | what | how | aim | best known | median | spread |
            |---|---|---|---|---|---|

            """));
        foreach (var measurement in measurements)
        {
            text.Append(measurement.Line()).Append('\n');
        }

        return text.ToString();
    }
}
