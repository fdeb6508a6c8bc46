using Muster.Agent.Enforcing;
using Muster.Agent.Fetching;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;

namespace Muster.Agent.Scanning;

// The local cache of the image: what is missing is read from the tree, a file at a time.
internal sealed partial class Caretaker
{
    private bool TryFill(TreePath path, TreeEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            var room = cache.Room;
            if (room.FreeBytes - entry.Size < room.TotalBytes / 100 * SparedPercent)
            {
                throw new ProblemException(ProblemKind.Full, "cache.room", $"the local cache is not completed: its disk has only {room.FreeBytes >> 20} MiB left");
            }

            Fill(path, entry, cancellationToken);
            conditions.Clear(NotFilled);
            filling.Dequeue();
            return true;
        }
        catch (ProblemException e) when (e.Kind is ProblemKind.Full)
        {
            conditions.RaiseFor(e, NotFilled, "Cache not completed", "Make room on the machine.");
            return false;
        }
    }

    private void Fill(TreePath path, TreeEntry entry, CancellationToken cancellationToken)
    {
        var reference = new ObjectReference(ObjectKind.File, entry.Content);
        if (entry.Size > InOneGo)
        {
            cache.TryAdd(reference, entry.Size, take => kept.Files.TryRead(path, bytes => Slowly(bytes, take, cancellationToken), cancellationToken));
            return;
        }

        var content = new byte[entry.Size];
        var length = 0;
        kept.Files.TryRead(path, bytes => Slowly(bytes, Take, cancellationToken), cancellationToken);
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

    private void Slowly(ReadOnlyMemory<byte> bytes, Action<ReadOnlyMemory<byte>> take, CancellationToken cancellationToken)
    {
        take(bytes);
        fillPace.Spend(bytes.Length, cancellationToken);
    }

    private long Trim(WantedImage wanted)
    {
        var (_, cut) = cache.Trim(wanted.Objects(), options.CacheLimit);
        if (cut == 0)
        {
            conditions.Clear("cache.limit");
        }
        else
        {
            conditions.Raise("cache.limit", "warning", "Cache too small", $"the wanted image does not fit in the local cache; {cut / 1024 / 1024} MiB of its largest files are fetched from the server when they have to be restored",
                "Give the agent more room with --cache-limit, if the disk has it.");
        }

        return cut;
    }
}
