using Muster.Core.Trees;

namespace Muster.Agent.Watching;

/// <summary>One successful call that changed something, as the kernel's audit recorded it.</summary>
/// <param name="Milliseconds">When, since 1970.</param>
internal sealed record Deed(int Process, int Parent, uint User, uint? LoginId, string? Name, string? Executable, string? CommandLine, long Milliseconds);

/// <summary>
/// Puts the records of one deed together: the call itself, its command line, its end. Records of several deeds come mixed.
/// Not safe for several threads.
/// </summary>
internal sealed class AuditTrail
{
    private const int MaxUnfinished = 512;

    private readonly Dictionary<long, Deed> unfinished = [];

    /// <summary>Takes one record. Gives a deed when its last record has come, and <paramref name="begun"/> as soon as its process is known.</summary>
    public Deed? Take(ushort type, ReadOnlySpan<byte> text, out Deed? begun)
    {
        begun = null;
        if (!AuditRecord.TryParse(text, out var record))
        {
            return null;
        }

        switch (type)
        {
            case AuditSocket.Syscall when ReadCall(record) is { } deed:
                if (unfinished.Count == MaxUnfinished)
                {
                    // Ends of deeds were lost; what is waiting for them will never be finished.
                    unfinished.Clear();
                }

                unfinished[record.Serial] = begun = deed;
                return null;
            case AuditSocket.Title when unfinished.TryGetValue(record.Serial, out var known):
                unfinished[record.Serial] = known with { CommandLine = ProcessFacts.Shown(record.Text("proctitle"u8)) };
                return null;
            case AuditSocket.EndOfEvent when unfinished.Remove(record.Serial, out var finished):
                return finished;
            default:
                return null;
        }
    }

    private static Deed? ReadCall(in AuditRecord record)
    {
        if (record.Is("success"u8, "no"u8)
            || record.Number("pid"u8) is not (> 0 and <= int.MaxValue and var process)
            || record.Number("ppid"u8) is not (>= 0 and <= int.MaxValue and var parent))
        {
            return null;
        }

        return new Deed(
            (int)process, (int)parent, Id(record.Number("euid"u8)) ?? uint.MaxValue, Id(record.Number("auid"u8)),
            Shown(record.Text("comm"u8)), Shown(record.Text("exe"u8)), null, record.Milliseconds);
    }

    // 4294967295 is the kernel's way to say "nobody".
    private static uint? Id(long? number) => number is >= 0 and < uint.MaxValue ? (uint)number : null;

    private static string? Shown(byte[]? bytes) => bytes is null ? null : TreeText.Show(bytes.AsSpan(0, Math.Min(bytes.Length, 4096)));
}
