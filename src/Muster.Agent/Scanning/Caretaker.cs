using Muster.Agent.Enforcing;
using Muster.Agent.Fetching;
using Muster.Agent.Identity;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Agent.Scanning;

/// <summary>
/// The slow work that nobody waits for, a file at a time, at a pace and only while the disk is idle: first it completes the local cache,
/// then it reads everything again and again within a period, believing nothing that is remembered. So it finds what raises no event:
/// writes through mmap or to the block device, and bits that rot. It changes nothing in the tree: what it suspects it tells. Runs
/// beside whoever repairs, so that a large file holds no repair up.
/// </summary>
internal sealed partial class Caretaker(KeptTree kept, ObjectCache cache, Conditions conditions, KeeperOptions options, AgentClock clock) : IDisposable
{
    private const int InOneGo = 64 * 1024;
    private const long FillPace = 32L << 20;
    private const long SlowestPace = 8L << 20;

    // The machine's own programs need room too: the cache never takes the last of it.
    private const int SparedPercent = 2;

    private const string NotFilled = "cache.not-filled", NotVerified = "verify.failed";

    private static readonly TimeSpan FillPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WithoutRoomPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly Lock gate = new();
    private readonly SemaphoreSlim turn = new(1);
    private readonly Queue<(TreePath Path, TreeEntry Entry)> filling = new();
    private readonly ReadPace fillPace = new(FillPace, clock.Time);
    private TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource? working;
    private int holders;
    private int rounds;
    private long nextAt = long.MaxValue;
    private bool trimmed;
    private volatile bool spares;
    private WantedImage? current;
    private IEnumerator<(TreePath Path, TreeEntry Entry)>? round;
    private (TreePath Path, TreeEntry Entry)? interrupted;
    private ReadPace pace = new(SlowestPace, clock.Time);
    private TimeSpan pause;
    private bool failed;

    /// <summary>Told of each path that is not what it was last seen to be.</summary>
    public event Action<TreePath>? Suspected;

    /// <summary>True while a newer image is being fetched: nothing is dropped from the cache then.</summary>
    public bool Spares
    {
        get => spares;
        set => spares = value;
    }

    /// <summary>When the next file is due, by <see cref="AgentClock.Running"/>; null for nothing to do.</summary>
    public TimeSpan? NextAt
    {
        get => Volatile.Read(ref nextAt) is var ticks and < long.MaxValue ? TimeSpan.FromTicks(ticks) : null;
        private set => Volatile.Write(ref nextAt, value?.Ticks ?? long.MaxValue);
    }

    public void Dispose() => turn.Dispose();

    /// <summary>Begins with the image that is kept now. Only while held.</summary>
    /// <param name="isWhole">True if the machine is like it: what else the cache has is not needed any more.</param>
    public void Begin(WantedImage wanted, bool isWhole)
    {
        isWhole &= !spares;
        if (!options.KeepsContent || (ReferenceEquals(wanted, current) && (!isWhole || trimmed)))
        {
            return;
        }

        trimmed = isWhole;
        current = wanted;
        filling.Clear();
        if (!isWhole || Trim(wanted) == 0)
        {
            var known = new HashSet<Digest>();
            foreach (var (path, entry) in TreeWalk.Entries(wanted.Managed))
            {
                if (entry is { Kind: EntryKind.File, Size: > 0 } && known.Add(entry.Content) && !cache.Has(new ObjectReference(ObjectKind.File, entry.Content)))
                {
                    filling.Enqueue((path, entry));
                }
            }
        }

        (round, interrupted) = (null, null);
        NextAt = clock.Running;
        begun.TrySetResult();
    }

    /// <summary>Stops the work that is being done, keeps it from going on until the answer is disposed.</summary>
    public async Task<IDisposable> HoldAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            Interlocked.Increment(ref holders);
            working?.Cancel();
        }

        try
        {
            await turn.WaitAsync(cancellationToken);
        }
        catch
        {
            Interlocked.Decrement(ref holders);
            throw;
        }

        return new Hold(this);
    }

    /// <summary>Works until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await DueAsync(cancellationToken);
            await turn.WaitAsync(cancellationToken);
            try
            {
                using var work = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                lock (gate)
                {
                    working = work;
                    if (holders > 0)
                    {
                        continue;
                    }
                }

                // A thread of its own, because it asks for the disk last; one for all files that follow closely.
                await Task.Factory.StartNew(() => WorkWhenIdle(work.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Somebody needs the disk; the file is taken up again afterwards.
            }
            finally
            {
                lock (gate)
                {
                    working = null;
                }

                turn.Release();
            }
        }
    }

    /// <summary>Deals with one file.</summary>
    public void Step(CancellationToken cancellationToken)
    {
        if (filling.TryPeek(out var missing))
        {
            NextAt = clock.Running + (TryFill(missing.Path, missing.Entry, cancellationToken) ? FillPause : WithoutRoomPause);
            if (filling.Count == 0)
            {
                cache.Flush();
                if (!spares)
                {
                    Trim(current!);
                }

                Linux.GiveMemoryBack();
            }

            return;
        }

        if (Next() is not { } next)
        {
            NextAt = clock.Running + pause;
            return;
        }

        interrupted = next;
        Verify(next.Path, cancellationToken);
        interrupted = null;
        NextAt = clock.Running + pause;
    }

    private async Task DueAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task again;
            lock (gate)
            {
                begun = begun.Task.IsCompleted ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : begun;
                again = begun.Task;
            }

            var left = NextAt is { } due ? due - clock.Running : Timeout.InfiniteTimeSpan;
            if (NextAt is not null && left <= TimeSpan.Zero)
            {
                return;
            }

            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(again, Task.Delay(left < Longest ? left : Longest, clock.Time, stop.Token));
            await stop.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private void WorkWhenIdle(CancellationToken cancellationToken)
    {
        Linux.UseDiskWhenIdle();
        do
        {
            Step(cancellationToken);
        }
        while (NextAt - clock.Running is { } left && left <= Short && !cancellationToken.WaitHandle.WaitOne(left > TimeSpan.Zero ? left : TimeSpan.Zero));
    }

    // The next file to verify; null at the end of a round.
    private (TreePath Path, TreeEntry Entry)? Next()
    {
        if (interrupted is { } before)
        {
            return before;
        }

        if (round is null)
        {
            var measure = TreeMeasure.Of(current!.Managed);
            var count = Math.Max(1, TreeFiles.Count(current.Managed));
            pause = options.VerifyWithin / count;
            pace = new ReadPace(Math.Max(SlowestPace, (long)(4 * measure.Bytes / options.VerifyWithin.TotalSeconds)), clock.Time);
            // A machine that is restarted often shall not verify the same files for ever.
            round = TreeWalk.Entries(current.Managed).Where(found => found.Entry.Kind == EntryKind.File).Skip(rounds++ == 0 ? Random.Shared.Next((int)count) : 0).GetEnumerator();
            failed = false;
        }

        if (round.MoveNext())
        {
            return round.Current;
        }

        round = null;
        if (!failed)
        {
            conditions.Clear(NotVerified);
        }

        return null;
    }

    private void Verify(TreePath path, CancellationToken cancellationToken)
    {
        try
        {
            var sight = kept.Files.Verify(path, pace, cancellationToken);
            if (kept.Seen is { } seen && (seen.Find(path) is { } known ? sight is null || !sight.Entry.Equals(known) : sight is not null))
            {
                Suspected?.Invoke(path);
            }
        }
        catch (ProblemException e)
        {
            failed = true;
            conditions.Raise(NotVerified, "warning", "File could not be verified", $"{path}: {e.Message}", "If the message names an input or output error, the disk is failing.");
        }
    }

    private sealed class Hold(Caretaker caretaker) : IDisposable
    {
        public void Dispose()
        {
            Interlocked.Decrement(ref caretaker.holders);
            caretaker.turn.Release();
        }
    }
}
