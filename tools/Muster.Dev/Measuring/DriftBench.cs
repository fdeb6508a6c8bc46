using System.Diagnostics;
using System.Text.Json;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>
/// Files of a machine are broken in every way that the kernel tells of, one after the other and none of them twice; the clock runs from the
/// end of the change until everything is as it was, by looking without a pause.
/// </summary>
internal sealed class DriftBench(BenchServer server, TestMachine machine)
{
    private const string Aim = "p95 under 50 ms";
    private const string BestKnown = "16.7 to 21.6 s";
    private const int Times = 20;

    public async Task<IReadOnlyList<Measurement>> RunAsync(CancellationToken cancellationToken)
    {
        var subjects = new Dictionary<DriftSubject, Queue<string>>
        {
            [DriftSubject.File] = await FindAsync("find /usr/share -xdev -type f -links 1 -size -9 -size +6 | sort", cancellationToken),
            [DriftSubject.Symlink] = await FindAsync("find /usr/share -xdev -type l | sort", cancellationToken),
            [DriftSubject.Directory] = await FindAsync("find /usr/share/doc -xdev -mindepth 1 -maxdepth 1 -type d -links 2 ! -empty | sort -r", cancellationToken),
            [DriftSubject.Nothing] = new(Enumerable.Range(0, 2 * Times).Select(number => $"/usr/share/muster-bench-{number}")),
        };
        var measurements = new List<Measurement>();
        foreach (var way in DriftWays.All)
        {
            var measurement = new Measurement($"drift, {way.What}", way.How, Aim, BestKnown, "ms");
            for (var time = 0; time < Times; time++)
            {
                var path = subjects[way.Subject].Dequeue();
                measurement.Add(Break(way, machine.PathOf(path), cancellationToken));
            }

            measurements.Add(measurement);
            Console.WriteLine(measurement.Line());
        }

        measurements.AddRange(await WhatTheAgentSaysAsync(cancellationToken));
        return measurements;
    }

    private double Break(DriftWay way, string path, CancellationToken cancellationToken)
    {
        var scratch = machine.PathOf($"/tmp/{Guid.NewGuid():N}");

        // What is made beside it, such as a second name, has to go too.
        string Look() => $"{Sight.Of(path)}, {Sight.Of(path + ".moved")}, {Sight.Of(path + ".link")}";
        var right = Look();
        way.Break(path, scratch);
        var took = Stopwatch.StartNew();
        var patience = new Patience($"{path}, {way.What}, was not put right", cancellationToken);
        while (Look() != right)
        {
            patience.Check();
        }

        return took.Elapsed.TotalMilliseconds;
    }

    private async Task<IReadOnlyList<Measurement>> WhatTheAgentSaysAsync(CancellationToken cancellationToken)
    {
        var restored = new Measurement("drift of all these, as the agent says", "muster machines drift MACHINE", Aim, BestKnown, "ms");
        var named = new Measurement("who did it is named", "muster machines drift MACHINE", "100 %", "0 %", "%");
        var drifts = await server.Api.ListAsync("/api/v1/machines/drift?machine=bench", cancellationToken);
        foreach (var took in drifts.Select(drift => drift.TryGetProperty("microseconds", out var found) ? found : default).Where(found => found.ValueKind == JsonValueKind.Number))
        {
            restored.Add(took.GetInt64() / 1e3);
        }

        named.Add(100.0 * drifts.Count(drift => drift.TryGetProperty("culprit", out var culprit) && culprit.ValueKind == JsonValueKind.Object) / drifts.Count);
        return [restored, named];
    }

    private async Task<Queue<string>> FindAsync(string command, CancellationToken cancellationToken) =>
        new((await machine.RunAsync(["sh", "-c", command], cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries));
}
