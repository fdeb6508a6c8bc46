using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>A machine over the benchmark root: becoming like an image, being put right, doing nothing.</summary>
internal static class MachineBench
{
    private const int Drifts = 100;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(60);

    public static async Task<IReadOnlyList<Measurement>> RunAsync(BenchGround ground, int rounds, CancellationToken cancellationToken)
    {
        var scan = new Measurement("first scan, warm", "muster-agent run, until its first report", "under 2 s", "5.3 s", "s");
        var applied = new Measurement("required to applied, 1 %", "muster machines require-image", "under 1 s", "3.5 s", "s");
        var inSync = new Measurement("required to verified in sync, 1 %", "the same", "under 1.5 s", "13.0 s", "s");
        var window = new Measurement("neither old nor new", "the same", "under 50 ms", "81 to 525 ms", "ms");
        var drift = new Measurement("drift of a 4 KB file, as the agent says", "a write in the machine", "p95 under 50 ms", "16.7 to 21.6 s", "ms");
        var outside = new Measurement("drift of a 4 KB file, as seen from outside", "a write in the machine", "p95 under 50 ms", "16.7 to 21.6 s", "ms");
        var processor = new Measurement("idle agent, processor", "/proc/PID/stat over 60 s", "under 0.1 %", "61 %", "%");
        var memory = new Measurement("idle agent, memory", "VmRSS", "under 50 MB", "60 to 71 MB", "MB");

        var (server, muster) = await ground.StartServerAsync(cancellationToken);
        await using var running = server;
        await muster.AskAsync(["images", "add", "bench/a", "--from", ground.Same.Root, "--yes"], cancellationToken);
        await muster.AskAsync(["images", "add", "bench/b", "--from", ground.Changed.Root, "--yes"], cancellationToken);
        await using var machine = await TestMachine.StartOverAsync(ground.Root.Path, null, cancellationToken);
        var invitation = await muster.AskAsync(["machines", "invite", "--name", "bench", "--yes"], cancellationToken);
        await machine.RunAsync(["sh", "-c", invitation.GetProperty("line").GetString()!], cancellationToken);

        await muster.AskAsync(["machines", "require-image", "bench", "bench/a", "--yes"], cancellationToken);
        using var agent = machine.Start(["/usr/lib/muster-agent/current/muster-agent", "run"]);
        _ = agent.StandardError.ReadToEndAsync(CancellationToken.None);
        scan.Add(await BenchGround.SecondsAsync(() => UntilAsync(muster, details => details.GetProperty("summary").GetProperty("state").GetString() == "inSync", cancellationToken)));
        for (var round = 0; round < rounds; round++)
        {
            await muster.AskAsync(["machines", "require-image", "bench", round % 2 == 0 ? "bench/b" : "bench/a", "--yes", "--wait"], cancellationToken);
            var update = (await muster.AskAsync(["machines", "show", "bench"], cancellationToken)).GetProperty("seen").GetProperty("lastUpdate");
            applied.Add(update.GetProperty("appliedMicroseconds").GetInt64() / 1e6);
            inSync.Add(update.GetProperty("verifiedMicroseconds").GetInt64() / 1e6);
            window.Add(update.GetProperty("windowMicroseconds").GetInt64() / 1e3);
        }

        await BreakAsync(machine, outside, cancellationToken);
        foreach (var found in (await muster.AskAsync(["machines", "drift", "bench", "--limit", $"{Drifts}"], cancellationToken)).GetProperty("items").EnumerateArray())
        {
            if (found.TryGetProperty("microseconds", out var took) && took.ValueKind == JsonValueKind.Number)
            {
                drift.Add(took.GetInt64() / 1e3);
            }
        }

        await RestAsync(await AgentIdAsync(machine, cancellationToken), processor, memory, cancellationToken);
        return [scan, applied, inSync, window, drift, outside, processor, memory];
    }

    // Spins: a pause between two looks would be measured too.
    private static async Task BreakAsync(TestMachine machine, Measurement outside, CancellationToken cancellationToken)
    {
        await machine.RunAsync(["sh", "-c", "find /usr/share -xdev -type f -size -9 -size +6 | head -n 100 >/run/victims"], cancellationToken);
        foreach (var victim in await File.ReadAllLinesAsync(machine.PathOf("/run/victims"), cancellationToken))
        {
            var path = machine.PathOf(victim);
            var right = await File.ReadAllBytesAsync(path, cancellationToken);
            await File.WriteAllBytesAsync(path, new byte[right.Length], cancellationToken);
            var took = Stopwatch.StartNew();
            while (!(await File.ReadAllBytesAsync(path, cancellationToken)).AsSpan().SequenceEqual(right))
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            outside.Add(took.Elapsed.TotalMilliseconds);
        }
    }

    private static async Task RestAsync(int agent, Measurement processor, Measurement memory, CancellationToken cancellationToken)
    {
        var before = await TicksAsync(agent, cancellationToken);
        var took = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Idle);
        await timer.WaitForNextTickAsync(cancellationToken);

        // The kernel counts in hundredths of a second.
        processor.Add((await TicksAsync(agent, cancellationToken) - before) / took.Elapsed.TotalSeconds);
        var resident = (await File.ReadAllLinesAsync($"/proc/{agent}/status", cancellationToken)).Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        memory.Add(long.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1e3);
    }

    private static async Task<long> TicksAsync(int process, CancellationToken cancellationToken)
    {
        var fields = (await File.ReadAllTextAsync($"/proc/{process}/stat", cancellationToken)).Split(") ")[1].Split(' ');
        return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
    }

    private static async Task<int> AgentIdAsync(TestMachine machine, CancellationToken cancellationToken)
    {
        var status = await machine.RunAsync(["/usr/lib/muster-agent/current/muster-agent", "status"], cancellationToken);
        return int.Parse(status.Split("running as process ")[1].Split('\n')[0], CultureInfo.InvariantCulture);
    }

    private static async Task UntilAsync(MusterCommandLine muster, Func<JsonElement, bool> isSo, CancellationToken cancellationToken)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!isSo(await muster.AskAsync(["machines", "show", "bench"], cancellationToken)))
        {
            await again.WaitForNextTickAsync(cancellationToken);
        }
    }
}
