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
    private static readonly string[] Parts = ["up", "images", "scan", "machine"];

    private static string Report => Repository.Under("docs", "reference", "benchmarks.md");

    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var options = new Options(arguments, ["--prepared"], ["--rounds", "--only"]);
        var rounds = options.FindNumber("--rounds") ?? 5;
        var only = options.Find("--only");
        if (only is not null && !Parts.Contains(only))
        {
            throw new DevException($"--only is one of {string.Join(", ", Parts)}, not {only}");
        }

        if (!options.Has("--prepared"))
        {
            await PackageCommand.EnsureAsync(cancellationToken);
            await ScanBench.BuildAsync(cancellationToken);
        }

        if (!AsRoot.IsHere)
        {
            return await AsRoot.AgainAsync(["bench", .. arguments], cancellationToken);
        }

        var root = await BenchRoot.EnsureAsync(cancellationToken);
        Console.WriteLine($"{root.Files} files, {root.Entries} entries, {root.Bytes >> 20} MiB in {root.Path}");
        await using var ground = await BenchGround.StartAsync(root, cancellationToken);
        var measurements = new List<Measurement>();
        foreach (var part in Parts.Where(part => only is null || only == part))
        {
            measurements.AddRange(part switch
            {
                "up" => await UpBench.RunAsync(cancellationToken),
                "images" => await ImageBench.RunAsync(ground, rounds, cancellationToken),
                "scan" => await ScanBench.RunAsync(ground, rounds, cancellationToken),
                _ => await MachineBench.RunAsync(ground, rounds, cancellationToken),
            });
        }

        foreach (var measurement in measurements)
        {
            Console.WriteLine(measurement.Line());
        }

        // A part is for whoever works on it; the report is of one run.
        if (only is null)
        {
            await File.WriteAllTextAsync(Report, await RenderAsync(root, measurements, cancellationToken), cancellationToken);
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

            Written by `./dev bench`: the released programs, as whole processes, on the benchmark root of [decision 29](../adr/0029-a-benchmark-root-anybody-can-make.md), {root.Files} regular files, {root.Entries} entries, {root.Bytes / 1e9:F2} GB, file caches warm. *Best known* is Dominator on such a machine. *How* is what somebody would type; `./dev bench` does the same (and, for drift, makes the system calls of that command itself, so that no program's start is measured) and says in the sources of `tools/Muster.Dev/Measuring` when its clocks start and stop. `./dev bench --only {string.Join('|', Parts)}` measures a part.

            {day:yyyy-MM-dd}, commit {commit.Trim()}, {Environment.ProcessorCount} × {processor}, Linux {kernel.Trim()}.

            | what | how | aim | best known | median | p95 | spread |
            |---|---|---|---|---|---|---|

            """));
        foreach (var measurement in measurements)
        {
            text.Append(measurement.Line()).Append('\n');
        }

        return text.ToString();
    }
}
