using Muster.Agent.Applying;
using Muster.Agent.Fetching;
using Muster.Agent.Scanning;
using Muster.Core.Objects;
using Muster.Core.Trees;

namespace Muster.Agent.Enforcing;

/// <summary>Content from the cache, or else from a file of the tree that has it. Never believed: whoever stages it checks the digest.</summary>
internal sealed class LocalContent(ObjectCache cache, IFileTree files, Func<Tree?> seen) : IContentSource
{
    private Dictionary<Digest, TreePath>? places;

    /// <summary>True if the tree seems to have the content.</summary>
    public bool IsInTree(Digest content) => Places().ContainsKey(content);

    public bool TryWrite(Digest content, long size, ContentWriter target, CancellationToken cancellationToken)
    {
        var reference = new ObjectReference(ObjectKind.File, content);
        if (cache.Has(reference))
        {
            if (cache.TryWrite(content, size, target) && target.IsContent(content))
            {
                return true;
            }

            cache.Drop(reference);
            target.Restart();
        }

        if (Places().TryGetValue(content, out var path) && files.TryRead(path, bytes => target.Write(bytes.Span), cancellationToken) && target.IsContent(content))
        {
            return true;
        }

        places!.Remove(content);
        target.Restart();
        return false;
    }

    private Dictionary<Digest, TreePath> Places()
    {
        if (places is null)
        {
            places = [];
            foreach (var (path, entry) in seen() is { } tree ? TreeWalk.Entries(tree) : [])
            {
                if (entry.Kind == EntryKind.File && entry.Size > 0)
                {
                    places.TryAdd(entry.Content, path);
                }
            }
        }

        return places;
    }
}
