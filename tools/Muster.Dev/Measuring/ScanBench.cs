using System.Diagnostics;
using System.Text.Json;

namespace Muster.Dev;

/// <summary>An agent's first look at a whole root: a machine that has just joined, of which nothing is wanted.</summary>
internal static class ScanBench
{
    public static async Task<IReadOnlyList<Measurement>> RunAsync(BenchGround ground, int rounds, CancellationToken cancellationToken)
    {
        const string How = "muster-agent run, until muster machines show MACHINE has a tree";
        var wall = new Measurement("first scan, warm, from the agent's start to the server's knowing", How, "under 2 s", "5.3 s", "s");
        var processor = new Measurement("the same, processor of the agent", "cat /proc/AGENT/stat", "", "4.4 s", "s");
        await using var server = await ground.StartServerAsync(cancellationToken);
        for (var round = -1; round < rounds; round++)
        {
            var name = $"scanned-{round + 2}";
            await using var machine = await ground.JoinAsync(server, name, cancellationToken);
            var took = Stopwatch.StartNew();
            using var agent = BenchGround.StartAgent(machine);
            await server.UntilAsync(name, HasTree, cancellationToken);
            took.Stop();

            // The first round brings the files into memory.
            if (round >= 0)
            {
                wall.Add(took.Elapsed.TotalSeconds);
                processor.Add(Processor.SecondsOf(agent.Id));
                Console.WriteLine($"scan, round {round + 1} of {rounds}");
            }
        }

        return [wall, processor];
    }

    private static bool HasTree(JsonElement details) =>
        details.TryGetProperty("seen", out var seen) && seen.ValueKind == JsonValueKind.Object
        && seen.TryGetProperty("tree", out var tree) && tree.ValueKind == JsonValueKind.String;
}
