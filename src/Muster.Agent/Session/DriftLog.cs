using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Muster.Files;
using Muster.Protocol.Agent;

namespace Muster.Agent.Session;

/// <summary>
/// Drifts that the server does not know yet: at most 10,000, the newest, and on disk, so that neither a cut nor a restart loses them.
/// A drift has its id from the beginning, so one that is sent twice counts once.
/// </summary>
internal sealed class DriftLog
{
    private const int Most = 10_000;
    private const int Limit = 64 * 1024 * 1024;

    private readonly SafeFileHandle? file;
    private readonly Lock gate = new();
    private readonly Queue<DriftReport> waiting = new();
    private long length;

    /// <summary>A null folder remembers nothing past the process: for simulated machines.</summary>
    public DriftLog(SafeFileHandle? state)
    {
        if (state is null)
        {
            return;
        }

        var bytes = AtomicFile.Read(state, "drift"u8, Limit) ?? [];
        file = Linux.OpenBeneath(state, "drift"u8, OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
        foreach (var range in bytes.AsSpan().Split((byte)'\n'))
        {
            try
            {
                if (range.Start.Value != range.End.Value && JsonSerializer.Deserialize(bytes.AsSpan(range), AgentJson.Default.DriftReport) is { } drift)
                {
                    Enqueue(drift);
                }
            }
            catch (JsonException)
            {
                // The last line of a machine that lost power while it was written.
            }
        }

        length = bytes.Length;
    }

    public int Count
    {
        get
        {
            lock (gate)
            {
                return waiting.Count;
            }
        }
    }

    public void Add(IReadOnlyList<DriftReport> drifts)
    {
        lock (gate)
        {
            foreach (var drift in drifts)
            {
                Enqueue(drift);
                Append(drift);
            }

            if (length > Limit / 2)
            {
                Rewrite();
            }
        }
    }

    /// <summary>The oldest that wait.</summary>
    public IReadOnlyList<DriftReport> Take(int most)
    {
        lock (gate)
        {
            return [.. waiting.Take(most)];
        }
    }

    /// <summary>The server knows these now.</summary>
    public void Sent(IReadOnlyList<DriftReport> drifts)
    {
        if (drifts.Count == 0)
        {
            return;
        }

        var ids = drifts.Select(drift => drift.Id).ToHashSet();
        lock (gate)
        {
            while (waiting.TryPeek(out var first) && ids.Contains(first.Id))
            {
                waiting.Dequeue();
            }

            // Sent twice is harmless, so the file is only made anew when nothing of it is needed.
            if (waiting.Count == 0 && file is not null)
            {
                Linux.SetLength(file, 0);
                length = 0;
            }
        }
    }

    private void Enqueue(DriftReport drift)
    {
        waiting.Enqueue(drift);
        if (waiting.Count > Most)
        {
            waiting.Dequeue();
        }
    }

    private void Append(DriftReport drift)
    {
        if (file is not null)
        {
            byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(drift, AgentJson.Default.DriftReport), (byte)'\n'];
            Linux.Write(file, line, length);
            length += line.Length;
        }
    }

    private void Rewrite()
    {
        Linux.SetLength(file!, 0);
        length = 0;
        foreach (var drift in waiting)
        {
            Append(drift);
        }
    }
}
