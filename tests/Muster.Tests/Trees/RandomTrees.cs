using System.Text;
using Muster.Core.Filters;
using Muster.Core.Objects;
using Muster.Core.Trees;

namespace Muster.Tests.Trees;

/// <summary>Small random trees whose names collide often, with everything that makes trees hard.</summary>
internal static class RandomTrees
{
    private static readonly byte[][] Names =
    [
        "a"u8.ToArray(), "b"u8.ToArray(), "c"u8.ToArray(), "a-b"u8.ToArray(), "log"u8.ToArray(), [0xE9, (byte)'\n'],
        "usr"u8.ToArray(), "lib"u8.ToArray(), "var"u8.ToArray(), "muster-agent"u8.ToArray(),
    ];

    private static readonly string[] Globs =
    [
        "/a", "/b", "/a/b", "/a/*", "/a/**", "/usr", "/usr/lib", "/var/lib/a", "log", "**/b/c", "/", "**", "/*/a", "/[ab]/?", "/usr/**/a", "/c/**/b/**", "a*", "/var/**", "\\xE9\\n",
    ];

    private static readonly string[] Expressions = ["/a", "/a$", "/.*b", "/usr/.*/a", "/(var|log)", "/c/.*"];

    public static byte[] Name(Random random) => Names[random.Next(Names.Length)];

    public static TreePath Path(Random random)
    {
        var path = TreePath.Root;
        for (var left = random.Next(1, 5); left > 0; left--)
        {
            path = path.Join(Name(random));
        }

        return path;
    }

    public static TreeEntry Leaf(Random random)
    {
        var time = new FileTime(random.Next(-1, 2), (uint)random.Next(2));
        var entry = new TreeEntry { Name = [], Kind = EntryKind.File, Mode = (ushort)(random.Next(3) == 0 ? 0x1A4 : random.Next(0x1000)), Uid = (uint)random.Next(2), Gid = (uint)random.Next(2) };
        entry = random.Next(9) switch
        {
            0 => entry with { Kind = EntryKind.Symlink, Mode = 0, Target = Encoding.UTF8.GetBytes("t" + random.Next(2)) },
            1 => entry with { Kind = EntryKind.CharacterDevice, Major = (uint)random.Next(2), Minor = 3, Modified = time },
            2 => entry with { Kind = EntryKind.Fifo, Modified = time },
            3 => entry with { Kind = EntryKind.ComputedFile, Target = "generator"u8.ToArray() },
            4 => entry with { Modified = time, Content = Digest.Empty },
            _ => Sized(entry with { Modified = time }, random.Next(3)),
        };
        return random.Next(5) == 0 ? entry with { Xattrs = [new Xattr("user.a"u8.ToArray(), [(byte)random.Next(2)])] } : entry;
    }

    public static TreeEntry Directory(Random random) =>
        Tree.Empty.Root with { Mode = (ushort)(random.Next(4) == 0 ? 0x1C0 : 0x1ED), Uid = (uint)(random.Next(4) == 0 ? 1 : 0) };

    /// <summary>A tree of about <paramref name="size"/> entries.</summary>
    public static Tree Any(Random random, int size)
    {
        var edit = new TreeEdit(Tree.Empty);
        for (var left = size; left > 0; left--)
        {
            Change(edit, random);
        }

        return edit.ToTree();
    }

    /// <summary>The same tree after some random changes.</summary>
    public static Tree Mutate(Tree tree, Random random, int changes)
    {
        var edit = new TreeEdit(tree);
        for (var left = changes; left > 0; left--)
        {
            Change(edit, random);
        }

        return edit.ToTree();
    }

    public static TreeFilter Filter(Random random, Tree wanted) => random.Next(6) switch
    {
        0 => TreeFilter.OnlyListed(wanted),
        1 => TreeFilter.Everything,
        _ => TreeFilter.Parse(FilterText(random)),
    };

    public static string FilterText(Random random)
    {
        var lines = new List<string>();
        var inverted = random.Next(8) == 0;
        for (var left = random.Next(5); left > 0; left--)
        {
            lines.Add(inverted || random.Next(6) == 0
                ? "regex " + Expressions[random.Next(Expressions.Length)]
                : (random.Next(2) == 0 ? "ignore " : "manage ") + Globs[random.Next(Globs.Length)]);
        }

        return string.Join('\n', inverted ? lines.Append("!") : lines);
    }

    private static TreeEntry Sized(TreeEntry entry, int content) =>
        entry with { Size = content + 1, Content = Digest.Of([(byte)content]) };

    private static void Change(TreeEdit edit, Random random)
    {
        var path = Path(random);
        if (!MakeParents(edit, path, random))
        {
            return;
        }

        var there = edit.Find(path);
        switch (random.Next(10))
        {
            case 0 when there is not null:
                edit.Remove(path);
                break;
            case 1 when there is { Kind: EntryKind.Directory }:
                edit.SetAttributes(path, Directory(random));
                break;
            case 2 when there is { Kind: EntryKind.File }:
                edit.SetAttributes(path, there with { Mode = (ushort)random.Next(0x1000) });
                break;
            case < 6 when there is not { Kind: EntryKind.Directory }:
                var other = Path(random);
                if (other != path && edit.Find(other) is { Kind: not EntryKind.Directory })
                {
                    edit.Link(path, other);
                }

                break;
            case 6:
                edit.Put(path, Directory(random));
                break;
            default:
                edit.Put(path, Leaf(random));
                break;
        }
    }

    private static bool MakeParents(TreeEdit edit, TreePath path, Random random)
    {
        if (path.IsRoot)
        {
            return true;
        }

        var parent = path.Parent;
        switch (edit.Find(parent))
        {
            case { Kind: EntryKind.Directory }:
                return true;
            case not null when random.Next(4) > 0:
                return false;
            case var there:
                if (there is null && !MakeParents(edit, parent, random))
                {
                    return false;
                }

                edit.Put(parent, Directory(random));
                return true;
        }
    }
}
