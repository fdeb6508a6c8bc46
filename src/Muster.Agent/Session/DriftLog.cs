using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Problems;
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
    private int unsaved;

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

        // Whatever comes next begins a line of its own.
        length = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
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

    /// <summary>They are waiting from now on; <see cref="Save"/> makes that outlast the process.</summary>
    public void Add(IReadOnlyList<DriftReport> drifts)
    {
        lock (gate)
        {
            foreach (var drift in drifts)
            {
                Enqueue(drift);
            }

            unsaved = Math.Min(unsaved + drifts.Count, waiting.Count);
        }
    }

    /// <summary>Writes those that are not on disk yet.</summary>
    /// <exception cref="ProblemException">The disk is full; nothing is lost as long as the process lives.</exception>
    public void Save()
    {
        lock (gate)
        {
            if (file is null)
            {
                return;
            }

            if (length > Limit / 2)
            {
                Linux.SetLength(file, 0);
                length = 0;
                unsaved = waiting.Count;
            }

            foreach (var drift in waiting.Skip(waiting.Count - unsaved))
            {
                byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(drift, AgentJson.Default.DriftReport), (byte)'\n'];
                Linux.Write(file, line, length);
                length += line.Length;
                unsaved--;
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

            unsaved = Math.Min(unsaved, waiting.Count);

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
}
