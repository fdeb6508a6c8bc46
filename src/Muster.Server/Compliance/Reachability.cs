using Microsoft.Extensions.Caching.Memory;
using Muster.Core.Objects;
using Muster.Server.Images;
using Muster.Server.Objects;

namespace Muster.Server.Compliance;

/// <summary>What an image reaches: the only objects that a machine which requires it may read.</summary>
internal sealed class Reachability(ImageReader images) : IDisposable
{
    private const int MostReferences = 5_000_000;

    private readonly MemoryCache known = new(new MemoryCacheOptions { SizeLimit = MostReferences });

    public async Task<IReadOnlySet<ObjectReference>> OfAsync(Digest image, CancellationToken cancellationToken)
    {
        if (known.TryGetValue(image, out HashSet<ObjectReference>? found))
        {
            return found!;
        }

        var loaded = await images.LoadAsync(image, cancellationToken);
        found = [new(ObjectKind.Image, image), new(ObjectKind.Tree, loaded.Image.Tree)];
        foreach (var (digest, directory) in loaded.Tree.Directories)
        {
            found.Add(new ObjectReference(ObjectKind.Directory, digest));
            found.UnionWith(ObjectChildren.Of(directory).Select(child => child.Reference));
        }

        return known.Set(image, found, new MemoryCacheEntryOptions { Size = found.Count });
    }

    public void Dispose() => known.Dispose();
}
