using Muster.Core.Filters;
using Muster.Core.Images;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Server.Objects;

namespace Muster.Server.Images;

/// <summary>Reads what an image is made of.</summary>
internal sealed class ImageReader(Trees trees)
{
    // As many as a machine may have: an image that no machine could hold is refused when it is added.
    private const long MostEntries = 2_000_000;

    public async Task<LoadedImage> LoadAsync(Digest image, CancellationToken cancellationToken)
    {
        var read = await trees.ReadImageAsync(image, cancellationToken);
        var tree = await trees.LoadAsync(read.Tree, cancellationToken);
        var measure = TreeMeasure.Of(tree.Tree, tree.Load);
        if (measure.Entries > MostEntries)
        {
            throw new ProblemException(ProblemKind.TooLarge, "image.too-large", $"the image has {measure.Entries} entries; {MostEntries} are allowed");
        }

        return new LoadedImage(read, tree, TreeFilter.Of(read.Filter, tree.Tree, tree.Load));
    }

    public Task<Image> ReadAsync(Digest image, CancellationToken cancellationToken) => trees.ReadImageAsync(image, cancellationToken);

    public Task<LoadedTree> LoadTreeAsync(Digest tree, CancellationToken cancellationToken) => trees.LoadAsync(tree, cancellationToken);

    /// <summary>What is at a path: reads only the directories on the way.</summary>
    public async Task<(Tree Tree, TreeEntry? Entry)> FindAsync(Digest tree, TreePath path, CancellationToken cancellationToken)
    {
        var read = await trees.ReadTreeAsync(tree, cancellationToken);
        var entry = read.Root;
        var rest = path.Bytes.ToArray().AsMemory();
        while (!rest.IsEmpty)
        {
            var slash = rest.Span.IndexOf((byte)'/');
            var name = slash < 0 ? rest : rest[..slash];
            rest = slash < 0 ? default : rest[(slash + 1)..];
            if (entry.Kind != EntryKind.Directory || (await trees.ReadDirectoryAsync(entry.Content, cancellationToken)).Find(name.Span) is not { } child)
            {
                return (read, null);
            }

            entry = child;
        }

        return (read, entry);
    }

    /// <summary>Which of some objects an image has. They are not read themselves, so it can be asked of damaged ones.</summary>
    public async Task<IReadOnlyCollection<ObjectReference>> FindAmongAsync(Digest image, IReadOnlySet<ObjectReference> sought, CancellationToken cancellationToken)
    {
        var (seen, found) = (new HashSet<ObjectReference>(), new List<ObjectReference>());
        var open = new Stack<ObjectReference>([new ObjectReference(ObjectKind.Image, image)]);
        while (open.TryPop(out var next))
        {
            if (sought.Contains(next))
            {
                found.Add(next);
                continue;
            }

            foreach (var child in await ChildrenAsync(next, cancellationToken))
            {
                if (seen.Add(child))
                {
                    open.Push(child);
                }
            }
        }

        return found;
    }

    public Task<TreeDirectory> ReadDirectoryAsync(Digest directory, CancellationToken cancellationToken) => trees.ReadDirectoryAsync(directory, cancellationToken);

    private async Task<IEnumerable<ObjectReference>> ChildrenAsync(ObjectReference parent, CancellationToken cancellationToken)
    {
        try
        {
            return parent.Kind switch
            {
                ObjectKind.Image => [new(ObjectKind.Tree, (await trees.ReadImageAsync(parent.Digest, cancellationToken)).Tree)],
                ObjectKind.Tree => [new(ObjectKind.Directory, (await trees.ReadTreeAsync(parent.Digest, cancellationToken)).Root.Content)],
                ObjectKind.Directory => ObjectChildren.Of(await trees.ReadDirectoryAsync(parent.Digest, cancellationToken)).Select(child => child.Reference),
                _ => [],
            };
        }
        catch (ProblemException e) when (e.Code == "object.damaged")
        {
            // Found just now: it gets a search of its own.
            return [];
        }
    }
}

/// <summary>An image with its whole tree.</summary>
internal sealed record LoadedImage(Image Image, LoadedTree Tree, TreeFilter Filter)
{
    /// <summary>What the filter leaves: a machine in sync has this tree.</summary>
    public Tree Managed() => ManagedTree.Of(Tree.Tree, Filter, null, Tree.Load);

    /// <summary>Names in the tree, regular files, and the bytes of the latter with each inode once.</summary>
    public (long Entries, long Files, long Bytes) Count()
    {
        long entries = -1, files = 0, bytes = 0;
        foreach (var (path, entry) in TreeWalk.Entries(Tree.Tree, Tree.Load))
        {
            entries++;
            if (entry.Kind != EntryKind.File)
            {
                continue;
            }

            files++;
            if (Tree.Tree.LinksOf(path) is not { } group || group.Paths[0] == path)
            {
                bytes += entry.Size;
            }
        }

        return (entries, files, bytes);
    }

    /// <summary>Hard links that cannot be: paths that are not there, or are not the same.</summary>
    public void RequireSoundLinks()
    {
        foreach (var group in Tree.Tree.HardLinks)
        {
            TreeEntry? first = null;
            foreach (var path in group.Paths)
            {
                var entry = Tree.Tree.Find(path, Tree.Load);
                if (entry is null or { Kind: EntryKind.Directory } || (first is not null && TreeDiff.Between(first, entry) != Facets.None))
                {
                    throw new ProblemException(ProblemKind.Invalid, "image.links", $"the image says that {path} and {group.Paths[0]} are one file, which they are not");
                }

                first ??= entry;
            }
        }
    }
}
