using System.Diagnostics;
using System.Globalization;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>A first look at a whole root: the scan by itself, and what it takes until somebody knows.</summary>
internal static class ScanBench
{
    private const string Project = "tests/Muster.Benchmarks";

    private static string Program => Repository.Under("artifacts", "bin", "Muster.Benchmarks", "release", "Muster.Benchmarks");

    public static Task BuildAsync(CancellationToken cancellationToken) =>
        Tool.RunAsync(Repository.Root, ["dotnet", "build", Project, "-c", "Release", "-v", "quiet", "-clp:ErrorsOnly;NoSummary"], cancellationToken);

    public static async Task<IReadOnlyList<Measurement>> RunAsync(BenchGround ground, int rounds, CancellationToken cancellationToken) =>
        [.. await ScanAsync(ground, rounds, cancellationToken), .. await FirstLookAsync(ground, rounds, cancellationToken)];

    private static async Task<IReadOnlyList<Measurement>> ScanAsync(BenchGround ground, int rounds, CancellationToken cancellationToken)
    {
        const string How = $"dotnet run -c Release --project {Project} scan ROOT 6";
        var wall = new Measurement("first scan, warm: everything is read and hashed", How, "under 2 s", "5.3 s", "s");
        var processor = new Measurement("the same, processor", How, "", "4.4 s", "s");
        var said = await Command.RunAsync(Program, ["scan", ground.Same.Root, $"{rounds + 1}"], cancellationToken);

        // The first brings the files into memory.
        foreach (var line in said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(' ')))
        {
            wall.Add(double.Parse(line[0], CultureInfo.InvariantCulture));
            processor.Add(double.Parse(line[1], CultureInfo.InvariantCulture));
        }

        return [wall, processor];
    }

    private static async Task<IReadOnlyList<Measurement>> FirstLookAsync(BenchGround ground, int rounds, CancellationToken cancellationToken)
    {
        const string How = "muster-agent run, until muster machines show MACHINE says in sync";
        var wall = new Measurement("a new machine that is right already, from the agent's start to in sync", How, "", "", "s");
        var processor = new Measurement("the same, processor of the agent", "cat /proc/AGENT/stat", "", "", "s");
        await using var server = await ground.StartServerAsync(cancellationToken);
        await server.Muster.AskAsync(["images", "add", "bench/scanned", "--from", ground.Same.Root, "--yes"], cancellationToken);
        for (var round = 1; round <= rounds; round++)
        {
            var name = $"scanned-{round}";
            await using var machine = await ground.JoinAsync(server, name, cancellationToken);
            await server.Api.PostAsync("/api/v1/machines/require-image", new { machine = name, image = "bench/scanned" }, cancellationToken);
            var took = Stopwatch.StartNew();
            using var agent = BenchGround.StartAgent(machine);
            await server.UntilAsync(name, details => details.GetProperty("summary").GetProperty("state").GetString() == "inSync", cancellationToken);
            wall.Add(took.Elapsed.TotalSeconds);
            processor.Add(Processor.SecondsOf(agent.Id));
            Console.WriteLine($"scan, round {round} of {rounds}");
        }

        return [wall, processor];
    }
}
