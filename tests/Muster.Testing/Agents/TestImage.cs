using Microsoft.Win32.SafeHandles;
using Muster.Core.Images;
using Muster.Core.Objects;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Testing.Agents;

/// <summary>An image made of a folder, with all its objects.</summary>
public sealed record TestImage(Digest Digest, Tree Tree, IReadOnlyList<(ObjectKind Kind, byte[] Content)> Objects)
{
    /// <param name="folder">Any folder; what lies in <c>.muster-agent</c> is left out.</param>
    /// <param name="filter">Lines of the image's filter.</param>
    public static async Task<TestImage> OfAsync(string folder, string filter, CancellationToken cancellationToken)
    {
        using var root = Linux.OpenRoot(folder);
        var options = new ScanOptions { Exclusions = [TreePath.FromText("/.muster-agent"), TreePath.FromText("/lost+found")] };
        var result = await TreeScanner.ScanAsync(root, options, TimeProvider.System, cancellationToken);
        if (result.Complaints.Count > 0)
        {
            throw new InvalidOperationException(result.Complaints[0].Message);
        }

        var managed = ManagedTree.Of(result.Tree, Core.Filters.TreeFilter.Parse(filter));
        var image = new Image(managed.Digest, filter, "", []).Encode();
        var objects = new List<(ObjectKind, byte[])> { (ObjectKind.Image, image), (ObjectKind.Tree, TreeFormat.Encode(managed)) };
        objects.AddRange(TreeWalk.Directories(managed).Select(directory => (ObjectKind.Directory, TreeFormat.Encode(directory))));
        objects.AddRange(TreeWalk.Entries(managed).Where(found => found.Entry is { Kind: EntryKind.File, Size: > 0 }).DistinctBy(found => found.Entry.Content)
            .Select(found => (ObjectKind.File, Read(root, found.Path, found.Entry.Size))));
        return new TestImage(Digest.Of(image), managed, objects);
    }

    public void GiveTo(ProtocolServer server)
    {
        foreach (var (kind, content) in Objects)
        {
            server.Add(kind, content);
        }
    }

    private static byte[] Read(SafeFileHandle root, TreePath path, long size)
    {
        using var file = Linux.OpenBeneath(root, path.Bytes, OpenFlags.Read);
        var content = new byte[size];
        for (var done = 0; done < size;)
        {
            done += Linux.Read(file, content.AsSpan(done), done);
        }

        return content;
    }
}
