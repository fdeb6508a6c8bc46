using Muster.Agent.Enforcing;
using Muster.Agent.Fetching;
using Muster.Agent.Identity;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;

namespace Muster.Agent.Scanning;

/// <summary>
/// The slow work of a machine that is in sync, a file at a time: first it completes the local cache, then it reads everything again
/// and again within a period, believing nothing that is remembered. So it finds what raises no event: writes through mmap or to the
/// block device, and bits that rot.
/// </summary>
internal sealed class Caretaker(IFileTree files, ObjectCache cache, Conditions conditions, KeeperOptions options, AgentClock clock)
{
    private const int InOneGo = 64 * 1024;

    private static readonly TimeSpan FillPause = TimeSpan.FromMilliseconds(2);

    private readonly Queue<(TreePath Path, TreeEntry Entry)> filling = new();
    private WantedImage? current;
    private IEnumerator<(TreePath Path, TreeEntry Entry)>? round;
    private TimeSpan pause;

    /// <summary>When the next file is due; null for nothing to do.</summary>
    public DateTimeOffset? NextAt { get; private set; }

    /// <summary>Begins with an image that the machine is like now.</summary>
    public void Begin(WantedImage wanted)
    {
        if (!options.KeepsContent || ReferenceEquals(wanted, current))
        {
            return;
        }

        current = wanted;
        var (_, cut) = cache.Trim(wanted.Objects(), options.CacheLimit);
        Limit(cut);
        filling.Clear();
        if (cut == 0)
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

        round = null;
        NextAt = clock.Time.GetUtcNow();
    }

    /// <summary>Does a little. Answers with paths that are not what they should be.</summary>
    public async Task<IReadOnlyList<TreePath>> StepAsync(WantedImage wanted, CancellationToken cancellationToken)
    {
        if (filling.TryDequeue(out var missing))
        {
            Fill(missing.Path, missing.Entry, cancellationToken);
            NextAt = clock.Time.GetUtcNow() + FillPause;
            if (filling.Count == 0)
            {
                Limit(cache.Trim(wanted.Objects(), options.CacheLimit).Cut);
            }

            return [];
        }

        if (round is null)
        {
            round = TreeWalk.Entries(wanted.Managed).GetEnumerator();
            pause = options.VerifyWithin / Math.Max(1, TreeFiles.Count(wanted.Managed));
        }

        while (round.MoveNext())
        {
            var (path, entry) = round.Current;
            if (entry.Kind != EntryKind.File)
            {
                continue;
            }

            NextAt = clock.Time.GetUtcNow() + pause;
            var sight = await files.LookAsync(path, below: false, verify: true, cancellationToken);
            return sight is null || !sight.Entry.Equals(entry) ? [path] : [];
        }

        round = null;
        NextAt = clock.Time.GetUtcNow() + pause;
        return [];
    }

    private void Fill(TreePath path, TreeEntry entry, CancellationToken cancellationToken)
    {
        var reference = new ObjectReference(ObjectKind.File, entry.Content);
        try
        {
            if (entry.Size > InOneGo)
            {
                cache.TryAdd(reference, entry.Size, take => files.TryRead(path, take, cancellationToken));
                return;
            }

            var content = new byte[entry.Size];
            var length = 0;
            files.TryRead(path, Take, cancellationToken);
            if (length == content.Length)
            {
                cache.TryAdd(reference, content);
            }

            void Take(ReadOnlyMemory<byte> bytes)
            {
                // It may have grown since: then it is not what we want, and is not kept.
                bytes = bytes[..Math.Min(bytes.Length, content.Length - length)];
                bytes.CopyTo(content.AsMemory(length));
                length += bytes.Length;
            }
        }
        catch (ProblemException e) when (e.Kind == ProblemKind.Full)
        {
            filling.Clear();
        }
    }

    private void Limit(long cut)
    {
        if (cut == 0)
        {
            conditions.Clear("cache.limit");
            return;
        }

        conditions.Raise("cache.limit", "warning", "Cache too small", $"the wanted image does not fit in the local cache; {cut / 1024 / 1024} MiB of its largest files are fetched from the server when they have to be restored",
            "Give the agent more room with --cache-limit, if the disk has it.");
    }
}
