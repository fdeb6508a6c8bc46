using Muster.Core.Filters;
using Muster.Core.Images;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;

namespace Muster.Agent.Fetching;

/// <summary>What the machine shall be like, loaded.</summary>
/// <param name="Managed">The part of the tree that the filter manages: what the seen tree is compared with.</param>
internal sealed record WantedImage(Digest Digest, string Name, Image Image, Tree Tree, Tree Managed, TreeFilter Filter)
{
    /// <summary>False for a path that the image does not speak for and that leads to nothing it speaks for.</summary>
    public bool MayMatter(TreePath path) => Filter.Manages(path) || Filter.MayManageBelow(path);

    /// <summary>Every object that the image reaches.</summary>
    public HashSet<ObjectReference> Objects() =>
    [
        new(ObjectKind.Image, Digest), new(ObjectKind.Tree, Tree.Digest),
        .. TreeWalk.Directories(Tree).Select(directory => new ObjectReference(ObjectKind.Directory, directory.Digest)),
        .. TreeWalk.Files(Tree).Keys.Select(content => new ObjectReference(ObjectKind.File, content)),
    ];
}

/// <summary>Loads images from the cache, fetching what is missing level by level from the root down.</summary>
internal sealed class ImageLoader(ObjectCache cache, Fetcher fetcher)
{
    private const long MostEntries = 2_000_000;

    private delegate Task Bring(IReadOnlyCollection<ObjectReference> references, CancellationToken cancellationToken);

    /// <summary>The image; what describes it and is missing is fetched.</summary>
    /// <param name="like">Directories of this tree, which is loaded, are not read again: most images are much like the last one.</param>
    public Task<WantedImage> LoadAsync(Digest digest, string name, Tree? like, CancellationToken cancellationToken) =>
        LoadAsync(digest, name, like, (references, token) => fetcher.FetchAsync(references, null, token), cancellationToken);

    /// <summary>The image if all that describes it is in the cache, else null. Asks nobody.</summary>
    public async Task<WantedImage?> FindAsync(Digest digest, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await LoadAsync(digest, name, null, FindAll, cancellationToken);
        }
        catch (ProblemException e) when (e.Code is "cache.missing" or "fetch.failed")
        {
            return null;
        }

        Task FindAll(IReadOnlyCollection<ObjectReference> references, CancellationToken token) =>
            references.All(cache.Has) ? Task.CompletedTask : throw new ProblemException(ProblemKind.NotFound, "cache.missing", $"the image {name} is not whole in the cache");
    }

    private async Task<WantedImage> LoadAsync(Digest digest, string name, Tree? like, Bring bring, CancellationToken cancellationToken)
    {
        var image = Image.Decode((await GetAsync([new ObjectReference(ObjectKind.Image, digest)], bring, cancellationToken)).Values.Single());
        var top = TreeFormat.DecodeTree((await GetAsync([new ObjectReference(ObjectKind.Tree, image.Tree)], bring, cancellationToken)).Values.Single());
        var encoded = new Dictionary<Digest, TreeDirectory>();
        var loaded = like is null ? [] : TreeWalk.Directories(like).DistinctBy(directory => directory.Digest).ToDictionary(directory => directory.Digest);
        HashSet<Digest> level = [top.Root.Content];
        while (level.Count > 0)
        {
            var next = new HashSet<Digest>();
            var known = level.Where(loaded.ContainsKey).ToList();
            // In the cache they have to be all the same, for whoever starts without a server.
            await bring([.. known.Select(one => new ObjectReference(ObjectKind.Directory, one))], cancellationToken);
            level.ExceptWith(known);
            foreach (var (reference, content) in await GetAsync([.. level.Select(one => new ObjectReference(ObjectKind.Directory, one))], bring, cancellationToken))
            {
                encoded[reference.Digest] = TreeFormat.DecodeDirectory(content);
            }

            foreach (var one in known)
            {
                encoded[one] = loaded[one];
            }

            foreach (var directory in known.Concat(level).Select(one => encoded[one]))
            {
                foreach (var entry in directory.Entries)
                {
                    if (entry.Kind == EntryKind.Directory && !encoded.ContainsKey(entry.Content))
                    {
                        next.Add(entry.Content);
                    }
                }
            }

            level = next;
        }

        // A few small objects can stand for billions of paths: measured before anything walks them.
        if (TreeMeasure.Of(top, content => encoded[content]) is { Entries: > MostEntries } measure)
        {
            throw new ProblemException(ProblemKind.TooLarge, "image.limit", $"the image {name} has {measure.Entries} entries; {MostEntries} are allowed");
        }

        var tree = new Tree(top.Root with { Directory = Join(top.Root.Content, encoded, loaded) }, top.HardLinks);
        var filter = TreeFilter.Of(image.Filter, tree);
        return new WantedImage(digest, name, image, tree, ManagedTree.Of(tree, filter), filter);
    }

    // Equal directories become one object in memory.
    private static TreeDirectory Join(Digest digest, Dictionary<Digest, TreeDirectory> encoded, Dictionary<Digest, TreeDirectory> loaded)
    {
        if (loaded.TryGetValue(digest, out var known))
        {
            return known;
        }

        var bare = encoded[digest].Entries;
        var entries = new TreeEntry[bare.Length];
        for (var index = 0; index < entries.Length; index++)
        {
            entries[index] = bare[index].Kind == EntryKind.Directory ? bare[index] with { Directory = Join(bare[index].Content, encoded, loaded) } : bare[index];
        }

        return loaded[digest] = new TreeDirectory(entries);
    }

    // What turns out to be damaged is dropped by the cache, and all of it is asked for again together.
    private async Task<Dictionary<ObjectReference, byte[]>> GetAsync(IReadOnlyList<ObjectReference> references, Bring bring, CancellationToken cancellationToken)
    {
        var found = new Dictionary<ObjectReference, byte[]>();
        var missing = references;
        for (var attempt = 0; attempt < 2; attempt++)
        {
            await bring(missing, cancellationToken);
            foreach (var reference in missing)
            {
                if (cache.Find(reference) is { } content)
                {
                    found[reference] = content;
                }
            }

            missing = [.. missing.Where(reference => !found.ContainsKey(reference))];
            if (missing.Count == 0)
            {
                return found;
            }
        }

        throw new ProblemException(ProblemKind.Unavailable, "fetch.failed", $"{missing[0]} was fetched and is damaged in the cache; is the disk failing?");
    }
}
