using System.Diagnostics;
using System.Globalization;

namespace Muster.Dev;

/// <summary>
/// What an agent takes from its machine when nobody wants anything of it. Just after an update that is more than later: it reads and
/// compresses its image into its cache, a file at a time, before it begins its slow verifying scan.
/// </summary>
internal static class IdleBench
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    public static async Task<IReadOnlyList<Measurement>> RunAsync(int agent, CancellationToken cancellationToken)
    {
        var processor = new Measurement("agent just after an update, while it fills its cache: processor over two minutes", "cat /proc/AGENT/stat; sleep 120; cat /proc/AGENT/stat", "under 0.1 % when idle", "61 %", "%");
        var memory = new Measurement("the same, resident memory", "grep VmRSS /proc/AGENT/status", "under 50 MB when idle", "60 to 71 MB", "MB");
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
