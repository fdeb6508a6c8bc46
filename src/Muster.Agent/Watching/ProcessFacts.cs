using System.Globalization;
using System.Text;
using Muster.Core.Trees;

namespace Muster.Agent.Watching;

/// <summary>What /proc says of a process while it lives.</summary>
/// <param name="Started">In the kernel's ticks since it booted; with the id it names the process for ever.</param>
/// <param name="LoginId">Who signed in, through sudo and su; null for daemons.</param>
internal sealed record ProcessFacts(
    int Id, int Parent, long Started, string Name, string? Executable, string? CommandLine, uint User, uint? LoginId, string? Unit, string? Container)
{
    /// <summary>Longest command line that is kept; whoever writes longer ones must not fill the fleet's memory.</summary>
    public const int MaxCommandLine = 4096;

    private const uint NoLogin = uint.MaxValue;

    /// <summary>Reads what there is, or null if the process is gone (or we may not look).</summary>
    public static ProcessFacts? Read(int process)
    {
        if (ReadStat(process) is not { } stat)
        {
            return null;
        }

        var (unit, container) = CgroupNames.Of(Text(process, "cgroup", 64 * 1024));
        return new ProcessFacts(
            process, stat.Parent, stat.Started, stat.Name, ReadExecutable(process), ReadCommandLine(Bytes(process, "cmdline", MaxCommandLine + 1)),
            ReadUser(process), LoginOf(Text(process, "loginuid", 32)), unit, container);
    }

    /// <summary>When a process started, or null if there is none of that id.</summary>
    public static long? StartedAt(int process) => ReadStat(process)?.Started;

    /// <summary>Arguments as people read them: joined by spaces, what is no text escaped, cut at the limit.</summary>
    public static string? Shown(ReadOnlySpan<byte> arguments)
    {
        arguments = arguments.TrimEnd((byte)0);
        if (arguments.IsEmpty)
        {
            return null;
        }

        var cut = arguments[..Math.Min(arguments.Length, MaxCommandLine)].ToArray();
        cut.AsSpan().Replace((byte)0, (byte)' ');
        var text = TreeText.Show(cut);
        return text.Length > MaxCommandLine ? text[..MaxCommandLine] : text;
    }

    internal static (string Name, int Parent, long Started)? ParseStat(ReadOnlySpan<byte> stat)
    {
        // "7 (any bytes, also parentheses) S 1 ..."
        var open = stat.IndexOf((byte)'(');
        var close = stat.LastIndexOf((byte)')');
        if (open < 0 || close < open)
        {
            return null;
        }

        var rest = Encoding.ASCII.GetString(stat[(close + 1)..]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return rest.Length > 19 && int.TryParse(rest[1], CultureInfo.InvariantCulture, out var parent)
            && long.TryParse(rest[19], CultureInfo.InvariantCulture, out var started)
            ? (TreeText.Show(stat[(open + 1)..close]), parent, started)
            : null;
    }

    private static (string Name, int Parent, long Started)? ReadStat(int process)
        => Bytes(process, "stat", 4096) is { } bytes ? ParseStat(bytes) : null;

    private static string? ReadCommandLine(byte[]? bytes) => bytes is null ? null : Shown(bytes);

    private static string? ReadExecutable(int process)
    {
        try
        {
            return new FileInfo($"/proc/{process}/exe").LinkTarget is { } target ? TreeText.Show(Encoding.UTF8.GetBytes(target)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static uint ReadUser(int process)
    {
        // Uid: real effective saved file-system
        var line = Text(process, "status", 16 * 1024)?.Split('\n').FirstOrDefault(one => one.StartsWith("Uid:", StringComparison.Ordinal));
        return line?.Split('\t') is [_, _, var effective, ..] && uint.TryParse(effective, CultureInfo.InvariantCulture, out var uid) ? uid : uint.MaxValue;
    }

    private static uint? LoginOf(string? text)
        => uint.TryParse(text?.TrimEnd('\n'), CultureInfo.InvariantCulture, out var id) && id != NoLogin ? id : null;

    private static string? Text(int process, string file, int limit)
        => Bytes(process, file, limit) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    private static byte[]? Bytes(int process, string file, int limit)
    {
        try
        {
            using var handle = File.OpenHandle($"/proc/{process}/{file}");
            var buffer = new byte[limit];
            var length = 0;
            while (length < limit && RandomAccess.Read(handle, buffer.AsSpan(length), length) is var count and > 0)
            {
                length += count;
            }

            return buffer[..length];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
