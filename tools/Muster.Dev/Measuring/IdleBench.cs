using System.Diagnostics;
using System.Globalization;

namespace Muster.Dev;

/// <summary>What an agent that has nothing to do takes from its machine, its slow verifying scan included.</summary>
internal static class IdleBench
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    public static async Task<IReadOnlyList<Measurement>> RunAsync(int agent, CancellationToken cancellationToken)
    {
        var processor = new Measurement("idle agent with its verifying scan, processor over two minutes", "cat /proc/AGENT/stat; sleep 120; cat /proc/AGENT/stat", "under 0.1 %", "61 %", "%");
        var memory = new Measurement("idle agent, resident memory", "grep VmRSS /proc/AGENT/status", "under 50 MB", "60 to 71 MB", "MB");
        var before = Processor.SecondsOf(agent);
        var took = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Long);
        await timer.WaitForNextTickAsync(cancellationToken);
        processor.Add((Processor.SecondsOf(agent) - before) * 100 / took.Elapsed.TotalSeconds);

        var resident = (await File.ReadAllLinesAsync($"/proc/{agent}/status", cancellationToken)).Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        memory.Add(long.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1e6);
        return [processor, memory];
    }
}
