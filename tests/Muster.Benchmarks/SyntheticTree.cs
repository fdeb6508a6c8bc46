using System.Text;
using Muster.Core.Objects;
using Muster.Core.Trees;

namespace Muster.Benchmarks;

/// <summary>A tree of 32,000 entries in the shape of a Debian root: few large directories, many small ones, about one file in 200 hard-linked.</summary>
public static class SyntheticTree
{
    /// <summary>Paths in it.</summary>
    public const int Entries = 32_000;

    /// <summary>Makes it; always the same.</summary>
    public static Tree Make()
    {
        var random = new Random(1);
        var builder = new TreeBuilder();
        List<TreePath> directories = [.. new[] { "usr/bin", "usr/lib", "usr/share/doc", "usr/share/man/man1", "etc", "var/lib/dpkg/info" }.Select(TreePath.FromText)];
        while (directories.Count < 4500)
        {
            var parent = directories[random.Next(directories.Count)];
            var child = parent.Join(Encoding.ASCII.GetBytes($"package-{directories.Count}"));
            builder.Add(child, Tree.Empty.Root);
            directories.Add(child);
        }

        TreePath? linked = null;
        for (var number = directories.Count; number < Entries; number++)
        {
            var directory = random.Next(4) == 0 ? directories[random.Next(6)] : directories[random.Next(directories.Count)];
            var path = directory.Join(Encoding.ASCII.GetBytes($"file-{number}.so"));
            if (number % 200 == 1 && linked is { } to)
            {
                builder.Link(path, to);
                continue;
            }

            builder.Add(path, File(number, number % 9 == 0 ? EntryKind.Symlink : EntryKind.File));
            linked = number % 200 == 0 && number % 9 != 0 ? path : linked;
        }

        return builder.ToTree();
    }

    /// <summary>The same tree with every hundredth file changed.</summary>
    public static Tree Drifted(Tree tree)
    {
        var edit = new TreeEdit(tree);
        var number = 0;
        foreach (var (path, entry) in TreeWalk.Entries(tree))
        {
            if (entry.Kind == EntryKind.File && number++ % 100 == 0)
            {
                edit.Put(path, File(-number, EntryKind.File));
            }
        }

        return edit.ToTree();
    }

    /// <summary>A file or symlink that differs by number.</summary>
    public static TreeEntry File(int number, EntryKind kind) => kind == EntryKind.Symlink
        ? new TreeEntry { Name = [], Kind = kind, Target = Encoding.ASCII.GetBytes($"../lib/file-{number}") }
        : new TreeEntry
        {
            Name = [], Kind = kind, Mode = 0x1A4, Size = 1 + Math.Abs(number % 70_000), Modified = new FileTime(1_700_000_000 + number, 123_456_789),
            Content = Digest.Of(BitConverter.GetBytes(number)),
        };
}
