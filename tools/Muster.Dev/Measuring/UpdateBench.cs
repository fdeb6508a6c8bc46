using System.Diagnostics;
using System.Text.Json;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>
/// A machine becomes like another image, of which 1 % differs. The clock starts before the request that asks for it is sent, so that planning,
/// commit and delivery count; files are looked at where they lie, and the server is asked what it shows.
/// </summary>
internal sealed class UpdateBench(BenchServer server, TestMachine machine, IReadOnlyDictionary<string, long> old, IReadOnlyDictionary<string, long> changed)
{
    private const string How = "muster machines require-image MACHINE IMAGE --yes --wait";

    private readonly Measurement _applied = new("required to applied, 1 %: the last changed file is in place", How, "under 1 s", "3.5 s", "s");
    private readonly Measurement _inSync = new("required to verified in sync, 1 %: the server shows it", How, "under 1.5 s", "13.0 s", "s");
    private readonly Measurement _agentApplied = new("the same from the order's arrival, as the agent says: applied", "muster machines show MACHINE", "", "", "s");
    private readonly Measurement _agentInSync = new("and verified", "muster machines show MACHINE", "", "", "s");
    private readonly Measurement _window = new("neither old nor new, as the agent says", "muster machines show MACHINE", "under 50 ms", "81 to 525 ms", "ms");

    /// <summary>Sizes of all files, by which two images of this bench can be told apart.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> SizesAsync(TestMachine of, CancellationToken cancellationToken)
    {
        var list = await of.RunAsync(["find", "/usr", "/etc", "-xdev", "-type", "f", "-printf", "%s %p\\n"], cancellationToken);
        return list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 2))
            .ToDictionary(line => line[1], line => long.Parse(line[0], System.Globalization.CultureInfo.InvariantCulture));
    }

    public async Task<IReadOnlyList<Measurement>> RunAsync(int rounds, CancellationToken cancellationToken)
    {
        var differing = changed.Where(file => old.TryGetValue(file.Key, out var size) && size != file.Value).Select(file => file.Key).ToList();
        for (var round = 0; round < rounds; round++)
        {
            var (image, sizes) = round % 2 == 0 ? ("bench/b", changed) : ("bench/a", old);
            var before = Order(await server.ShowAsync("bench", cancellationToken));
            var took = Stopwatch.StartNew();
            var required = server.Api.PostAsync("/api/v1/machines/require-image", new { machine = "bench", image }, cancellationToken);
            var patience = new Patience($"{image} was not applied", cancellationToken);
            while (!differing.All(file => new FileInfo(machine.PathOf(file)) is { Exists: true } now && now.Length == sizes[file]))
            {
                patience.Check();
            }

            _applied.Add(took.Elapsed.TotalSeconds);
            await required;
            await server.UntilAsync("bench", details => State(details) == "inSync" && Order(details) > before, cancellationToken);
            _inSync.Add(took.Elapsed.TotalSeconds);
            var update = (await server.ShowAsync("bench", cancellationToken)).GetProperty("seen").GetProperty("lastUpdate");
            _agentApplied.Add(update.GetProperty("appliedMicroseconds").GetInt64() / 1e6);
            _agentInSync.Add(update.GetProperty("verifiedMicroseconds").GetInt64() / 1e6);
            _window.Add(update.GetProperty("windowMicroseconds").GetInt64() / 1e3);
            Console.WriteLine($"update of {differing.Count} files, round {round + 1} of {rounds}");
        }

        return [_applied, _inSync, _agentApplied, _agentInSync, _window];
    }

    private static string? State(JsonElement details) => details.GetProperty("summary").GetProperty("state").GetString();

    private static long Order(JsonElement details) => details.GetProperty("seen").GetProperty("order").GetInt64();
}
