using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Muster.Core.Images;
using Muster.Core.Objects;
using Muster.Core.Trees;

namespace Muster.Server.Objects;

/// <summary>Trees out of the store, with what was read lately kept in memory. Whoever asks has checked that the caller may.</summary>
internal sealed class Trees(VerifiedObjects objects, IOptions<ObjectsOptions> options) : IDisposable
{
    private const int KeptTrees = 8;

    private readonly MemoryCache directories = new(new MemoryCacheOptions { SizeLimit = options.Value.CachedEntries });
    private readonly MemoryCache trees = new(new MemoryCacheOptions { SizeLimit = KeptTrees });

    public async Task<Image> ReadImageAsync(Digest image, CancellationToken cancellationToken) =>
        Image.Decode(await objects.ReadAsync(new ObjectReference(ObjectKind.Image, image), cancellationToken));

    /// <summary>A tree whose directories are not loaded.</summary>
    public async Task<Tree> ReadTreeAsync(Digest tree, CancellationToken cancellationToken) =>
        TreeFormat.DecodeTree(await objects.ReadAsync(new ObjectReference(ObjectKind.Tree, tree), cancellationToken));

    public async Task<TreeDirectory> ReadDirectoryAsync(Digest directory, CancellationToken cancellationToken)
    {
        if (directories.TryGetValue(directory, out TreeDirectory? known))
        {
            return known!;
        }

        var read = TreeFormat.DecodeDirectory(await objects.ReadAsync(new ObjectReference(ObjectKind.Directory, directory), cancellationToken));
        return directories.Set(directory, read, new MemoryCacheEntryOptions { Size = read.Entries.Length + 1 });
    }

    /// <summary>A tree with every directory of it.</summary>
    public async Task<LoadedTree> LoadAsync(Digest tree, CancellationToken cancellationToken)
    {
        if (trees.TryGetValue(tree, out LoadedTree? known))
        {
            return known!;
        }

        var read = await ReadTreeAsync(tree, cancellationToken);
        var found = new ConcurrentDictionary<Digest, TreeDirectory>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        for (HashSet<Digest> level = [read.Root.Content]; level.Count > 0;)
        {
            var ordered = await objects.InOrderAsync([.. level.Select(digest => new ObjectReference(ObjectKind.Directory, digest))], cancellationToken);
            await Parallel.ForEachAsync(ordered, parallel, async (one, ct) => found[one.Digest] = await ReadDirectoryAsync(one.Digest, ct));
            HashSet<Digest> below = [];
            foreach (var digest in level)
            {
                foreach (var entry in found[digest].Entries)
                {
                    if (entry.Kind == EntryKind.Directory && !found.ContainsKey(entry.Content))
                    {
                        below.Add(entry.Content);
                    }
                }
            }

            level = below;
        }

        return trees.Set(tree, new LoadedTree(read, found), new MemoryCacheEntryOptions { Size = 1 });
    }

    public void Dispose()
    {
        directories.Dispose();
        trees.Dispose();
    }
}

/// <summary>A tree and its directories by digest.</summary>
internal sealed record LoadedTree(Tree Tree, IReadOnlyDictionary<Digest, TreeDirectory> Directories)
{
    public TreeDirectory Load(Digest directory) => Directories[directory];

    /// <summary>For comparing two trees: directories of either.</summary>
    public Func<Digest, TreeDirectory> LoadOr(LoadedTree other) => digest => Directories.TryGetValue(digest, out var mine) ? mine : other.Load(digest);
}
