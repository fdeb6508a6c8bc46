using System.Diagnostics;
using System.Globalization;

namespace Muster.Dev;

/// <summary>
/// What an agent takes from its machine when nobody wants anything of it: first while it reads and compresses its image into its cache, then
/// when it is done with that and only its slow verifying scan is left.
/// </summary>
internal static class IdleBench
{
    private const double FillingPercent = 2;

    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(3);

    public static async Task<IReadOnlyList<Measurement>> RunAsync(int agent, CancellationToken cancellationToken)
    {
        var filling = new Measurement("agent after its first update, until its cache is filled", "cat /proc/AGENT/stat, until it uses under 2 % for ten seconds", "", "", "s");
        var effort = new Measurement("the same, processor", "cat /proc/AGENT/stat", "", "", "s");
        var processor = new Measurement("agent idle, with its verifying scan: processor over three minutes", "cat /proc/AGENT/stat; sleep 180; cat /proc/AGENT/stat", "under 0.1 % beside the scan", "61 %", "%");
        var memory = new Measurement("the same, resident memory", "grep VmRSS /proc/AGENT/status", "under 50 MB", "60 to 71 MB", "MB");

        var before = Processor.SecondsOf(agent);
        var took = Stopwatch.StartNew();
        while (await PercentAsync(agent, Glance, cancellationToken) >= FillingPercent)
        {
        }

        filling.Add((took.Elapsed - Glance).TotalSeconds);
        effort.Add(Processor.SecondsOf(agent) - before);
        processor.Add(await PercentAsync(agent, Long, cancellationToken));
        var resident = (await File.ReadAllLinesAsync($"/proc/{agent}/status", cancellationToken)).Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        memory.Add(long.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1e6);
        return [filling, effort, processor, memory];
    }

    private static async Task<double> PercentAsync(int agent, TimeSpan over, CancellationToken cancellationToken)
    {
        var before = Processor.SecondsOf(agent);
        var took = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(over);
        await timer.WaitForNextTickAsync(cancellationToken);
        return (Processor.SecondsOf(agent) - before) * 100 / took.Elapsed.TotalSeconds;
    }
}
