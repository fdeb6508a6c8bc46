using Muster.Cli.Connection;
using Muster.Cli.Running;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Cli.Images;

/// <summary>A tree as the server has it. Directories that are the same here are not fetched.</summary>
internal static class StoredTree
{
    /// <param name="here">A loaded tree of this computer.</param>
    public static async Task<(Tree Tree, Func<Digest, TreeDirectory> Load)> LoadAsync(MusterClient client, Digest digest, Tree here, CancellationToken cancellationToken)
    {
        var known = new Dictionary<Digest, TreeDirectory>();
        Collect(here.Root, known);
        var tree = TreeFormat.DecodeTree(await FetchAsync(client, new ObjectReference(ObjectKind.Tree, digest), cancellationToken));
        var open = new Stack<Digest>([tree.Root.Content]);
        while (open.TryPop(out var next))
        {
            if (known.ContainsKey(next))
            {
                continue;
            }

            var directory = TreeFormat.DecodeDirectory(await FetchAsync(client, new ObjectReference(ObjectKind.Directory, next), cancellationToken));
            known.Add(next, directory);
            foreach (var entry in directory.Entries)
            {
                if (entry.Kind == EntryKind.Directory)
                {
                    open.Push(entry.Content);
                }
            }
        }

        return (tree, wanted => known[wanted]);
    }

    /// <summary>The same tree with every directory in it.</summary>
    public static Tree Whole(Tree tree, Func<Digest, TreeDirectory> load) => new(Filled(tree.Root, load), tree.HardLinks);

    private static TreeEntry Filled(TreeEntry entry, Func<Digest, TreeDirectory> load)
    {
        var entries = load(entry.Content).Entries.ToArray();
        for (var index = 0; index < entries.Length; index++)
        {
            if (entries[index].Kind == EntryKind.Directory)
            {
                entries[index] = Filled(entries[index], load);
            }
        }

        return entry.WithDirectory(new TreeDirectory(entries));
    }

    private static void Collect(TreeEntry entry, Dictionary<Digest, TreeDirectory> known)
    {
        var open = new Stack<TreeEntry>([entry]);
        while (open.TryPop(out var next))
        {
            if (next.Directory is { } directory && known.TryAdd(next.Content, directory))
            {
                foreach (var child in directory.Entries)
                {
                    if (child.Kind == EntryKind.Directory)
                    {
                        open.Push(child);
                    }
                }
            }
        }
    }

    private static async Task<byte[]> FetchAsync(MusterClient client, ObjectReference reference, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{OperationPath.Of("Objects.Get")}?object={reference}");
        using var response = await client.SendAsync(request, cancellationToken);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return Digest.Of(bytes) == reference.Digest
            ? bytes
            : throw new ProblemException(ProblemKind.Unavailable, "object.corrupt", $"{reference} arrived damaged; try again");
    }
}
