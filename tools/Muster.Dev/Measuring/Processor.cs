using System.Globalization;

namespace Muster.Dev;

/// <summary>Processor seconds as the kernel counts them, in hundredths.</summary>
internal static class Processor
{
    /// <summary>Of a process that runs, with what it has waited for.</summary>
    public static double SecondsOf(int process)
    {
        var fields = Fields(process);
        return fields[11..15].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)) / 100.0;
    }

    /// <summary>Of all the programs that this one has run to their end.</summary>
    public static double SecondsOfEnded()
    {
        var fields = Fields(Environment.ProcessId);
        return fields[13..15].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)) / 100.0;
    }

    /// <summary>The processes that a process has started and that still run.</summary>
    public static IReadOnlyList<int> ChildrenOf(int process) =>
        [.. Directory.EnumerateDirectories($"/proc/{process}/task").SelectMany(task => File.ReadAllText(Path.Combine(task, "children"))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];

    // The name in parentheses may hold anything; after it come the state and then numbers.
    private static string[] Fields(int process)
    {
        var line = File.ReadAllText($"/proc/{process}/stat");
        return line[(line.LastIndexOf(')') + 2)..].Split(' ');
    }
}
