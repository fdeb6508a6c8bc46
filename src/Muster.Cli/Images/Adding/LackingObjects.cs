using System.Text.Json;
using Muster.Cli.Connection;
using Muster.Cli.Running;
using Muster.Core.Images;
using Muster.Core.Objects;
using Muster.Core.Trees;
using Muster.Protocol;
using Muster.Protocol.Objects;

namespace Muster.Cli.Images.Adding;

/// <summary>
/// What of an image the server lacks. A directory that is there has everything below it, so the question goes from the root
/// downwards and stops where nothing lacks: an unchanged tree costs one question, a changed file those on its path.
/// </summary>
internal sealed record LackingObjects(bool Image, bool Tree, IReadOnlyList<(TreePath Path, TreeDirectory Directory)> Directories, IReadOnlyList<WantedFile> Files)
{
    public bool IsNothing => !Image;

    public long FileBytes { get; } = Files.Sum(file => file.Entry.Size);

    public static async Task<LackingObjects> AskAsync(MusterClient client, Image image, Tree tree, CancellationToken cancellationToken)
    {
        var top = new ObjectReference(ObjectKind.Image, Digest.Of(image.Encode()));
        var whole = new ObjectReference(ObjectKind.Tree, tree.Digest);
        var root = new ObjectReference(ObjectKind.Directory, tree.Root.Content);
        var lacked = await AskAsync(client, [top, whole, root], cancellationToken);
        if (!lacked.Contains(root))
        {
            return new LackingObjects(lacked.Contains(top), lacked.Contains(whole), [], []);
        }

        var (directories, files) = await DescendAsync(client, tree.Root, cancellationToken);
        return new LackingObjects(true, true, directories, files);
    }

    private static async Task<(List<(TreePath Path, TreeDirectory Directory)> Directories, List<WantedFile> Files)> DescendAsync(MusterClient client, TreeEntry root, CancellationToken cancellationToken)
    {
        var directories = new List<(TreePath Path, TreeDirectory Directory)>();
        var files = new Dictionary<Digest, WantedFile>();
        var level = new List<(TreePath Path, TreeDirectory Directory)> { (TreePath.Root, root.Directory!) };
        while (level.Count > 0)
        {
            var below = new Dictionary<Digest, (TreePath, TreeDirectory)>();
            foreach (var (path, directory) in level)
            {
                directories.Add((path, directory));
                Collect(path, directory, below, files);
            }

            var lacked = await AskAsync(client, below.Keys.Select(digest => new ObjectReference(ObjectKind.Directory, digest)), cancellationToken);
            level = [.. lacked.Select(reference => below[reference.Digest])];
        }

        var missing = await AskAsync(client, files.Keys.Select(digest => new ObjectReference(ObjectKind.File, digest)), cancellationToken);
        return (directories, [.. files.Where(file => missing.Contains(new ObjectReference(ObjectKind.File, file.Key))).Select(file => file.Value)]);
    }

    private static void Collect(TreePath path, TreeDirectory directory, Dictionary<Digest, (TreePath, TreeDirectory)> below, Dictionary<Digest, WantedFile> files)
    {
        foreach (var entry in directory.Entries)
        {
            switch (entry.Kind)
            {
                case EntryKind.Directory:
                    below.TryAdd(entry.Content, (path.Join(entry.Name), entry.Directory!));
                    break;
                case EntryKind.File when entry.Size > 0 && !files.ContainsKey(entry.Content):
                    files.Add(entry.Content, new WantedFile(path.Join(entry.Name), entry));
                    break;
            }
        }
    }

    private static async Task<HashSet<ObjectReference>> AskAsync(MusterClient client, IEnumerable<ObjectReference> references, CancellationToken cancellationToken)
    {
        var lacked = new HashSet<ObjectReference>();
        foreach (var some in references.Chunk(CheckObjects.Most))
        {
            var question = new CheckObjects([.. some.Select(reference => reference.ToString())]);
            using var answer = await client.PostAsync(OperationPath.Of("Objects.Check"), question, MusterJson.Default.CheckObjects, cancellationToken);
            foreach (var text in answer.Deserialize(MusterJson.Default.LackedObjects)!.Lacked)
            {
                if (ObjectReference.TryParse(text, out var reference))
                {
                    lacked.Add(reference);
                }
            }
        }

        return lacked;
    }
}
