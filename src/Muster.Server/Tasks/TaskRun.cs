using System.Text.Json;
using Muster.Protocol.Tasks;
using Muster.Server.Edge;

namespace Muster.Server.Tasks;

/// <summary>Why a step has to stop.</summary>
internal enum StopReason
{
    None,

    /// <summary>Somebody wants the task stopped.</summary>
    Cancel,

    /// <summary>Another server has it, or the database cannot be told that we do.</summary>
    Lost,

    /// <summary>This server is stopping; another goes on.</summary>
    Shutdown,

    /// <summary>The step has told nothing for too long.</summary>
    Silence,
}

/// <summary>
/// A task that this server runs. What its step tells (how far it is, lines for the log, a note for the next attempt) gathers here and is
/// written once a second. Safe to use from several threads.
/// </summary>
internal sealed class TaskRun(TaskRow row, TimeProvider time) : IDisposable
{
    // A step that says more than anybody reads must not fill the database.
    private const int MostLines = 20_000;
    private const int LongestLine = 4000;

    private readonly Lock gate = new();
    private readonly CancellationTokenSource stop = new();
    private readonly List<PendingLine> lines = [];
    private TaskProgress progress = new(row.Done, row.Total, row.Unit, row.Doing);
    private string? note;
    private bool changed;
    private long linesTold = row.Logged;
    private long toldAt = time.GetTimestamp();

    public TaskRow Row => row;

    /// <summary>Number of the step being done.</summary>
    public int Step { get; private set; }

    public StopReason Reason { get; private set; }

    /// <summary>Cancelled when the step has to stop.</summary>
    public CancellationToken Stopped => stop.Token;

    /// <summary>Held by whoever writes for the task, so that nothing is written twice.</summary>
    public SemaphoreSlim Writing { get; } = new(1);

    /// <summary>When the database was last told that we run it, as a timestamp.</summary>
    public long RenewedAt { get; set; } = time.GetTimestamp();

    public TimeSpan Silent => time.GetElapsedTime(Volatile.Read(ref toldAt));

    public void Begin(int step)
    {
        lock (gate)
        {
            (Step, progress, note, changed) = (step, new TaskProgress(0, 0, "", null), null, false);
        }

        Volatile.Write(ref toldAt, time.GetTimestamp());
    }

    /// <summary>Tells the step to stop; the first reason counts.</summary>
    public void Stop(StopReason reason)
    {
        lock (gate)
        {
            if (Reason != StopReason.None)
            {
                return;
            }

            Reason = reason;
        }

        stop.Cancel();
    }

    public void Report(TaskProgress now, object? keep)
    {
        lock (gate)
        {
            (progress, changed) = (now, true);
            note = keep is null ? note : JsonSerializer.Serialize(keep, WireJson.Options);
        }

        Volatile.Write(ref toldAt, time.GetTimestamp());
    }

    public void Say(string level, string text)
    {
        lock (gate)
        {
            if (linesTold == MostLines)
            {
                return;
            }

            text = ++linesTold == MostLines ? "the log is full; what follows is not kept" : text;
            lines.Add(new PendingLine(linesTold, time.GetUtcNow(), Step, level, text.Length > LongestLine ? text[..LongestLine] + "…" : text));
        }

        Volatile.Write(ref toldAt, time.GetTimestamp());
    }

    /// <summary>What has gathered and is not written yet; null for nothing.</summary>
    public PendingWords? Pending()
    {
        lock (gate)
        {
            return changed || lines.Count > 0 ? new PendingWords(Step, progress, note, [.. lines], linesTold) : null;
        }
    }

    /// <summary>It is written: what came meanwhile stays.</summary>
    public void Written(PendingWords words)
    {
        lock (gate)
        {
            lines.RemoveAll(line => line.Number <= words.Logged);
            changed = Step == words.Step && !ReferenceEquals(progress, words.Progress);
        }
    }

    public void Dispose()
    {
        stop.Dispose();
        Writing.Dispose();
    }
}

internal sealed record PendingLine(long Number, DateTimeOffset Time, int Step, string Level, string Text);

/// <param name="Logged">Number of the last line.</param>
internal sealed record PendingWords(int Step, TaskProgress Progress, string? Note, IReadOnlyList<PendingLine> Lines, long Logged);
