using Muster.Core.Trees;

namespace Muster.Files.Tar;

/// <summary>
/// What an archive of a root file system may hold. Every rule answers a trick that made some program write outside its folder,
/// or that lets two programs see different trees in one archive.
/// </summary>
internal sealed class TarRules
{
    private const int MaxMembers = 5_000_000;

    // What each path is; null for a hard link. Directories that only lead to a member are noted apart.
    private readonly Dictionary<TreePath, EntryKind?> members = [];
    private readonly HashSet<TreePath> leading = [];

    public IReadOnlyList<string> Warnings
    {
        get
        {
            var missing = leading.Count(path => !members.ContainsKey(path));
            return missing == 0 ? [] : [$"{missing} directories are not in the archive themselves; they belong to root with mode 0755"];
        }
    }

    /// <summary>The path of a member, if it may be there.</summary>
    public TreePath Admit(TarMember member)
    {
        var path = Path(member.Name, member, "name");
        if (members.Count == MaxMembers)
        {
            throw TarProblem.At("limit", member.Offset, member.Name, $"it has more than {MaxMembers} members");
        }

        if (path.IsRoot && member.Kind != EntryKind.Directory)
        {
            throw TarProblem.At("name", member.Offset, member.Name, "a member that is no directory takes the place of the root");
        }

        if (!members.TryAdd(path, member.Kind))
        {
            throw TarProblem.At("duplicate", member.Offset, member.Name, "a name is in it twice");
        }

        if (member.Kind != EntryKind.Directory && leading.Contains(path))
        {
            throw TarProblem.At("parent", member.Offset, member.Name, "members lie below a name that is no directory");
        }

        if (member.Kind == EntryKind.Symlink && (member.LinkName.Length is 0 or > TreeFormat.MaxTarget || member.LinkName.AsSpan().Contains((byte)0)))
        {
            throw TarProblem.At("link", member.Offset, member.Name, "a symbolic link leads to no possible name");
        }

        NoteParents(path, member);
        return path;
    }

    /// <summary>What a hard link is another name of: an earlier member that is no directory.</summary>
    public TreePath LinkTarget(TarMember member)
    {
        var target = Path(member.LinkName, member, "link");
        return members.TryGetValue(target, out var kind) && kind != EntryKind.Directory && target != Path(member.Name, member, "name")
            ? target
            : throw TarProblem.At("link", member.Offset, member.Name, $"a hard link leads to {target}, which is not in it before, or is a directory");
    }

    private void NoteParents(TreePath path, TarMember member)
    {
        for (var parent = path.Parent; !parent.IsRoot; parent = parent.Parent)
        {
            if (members.TryGetValue(parent, out var kind) && kind != EntryKind.Directory)
            {
                throw TarProblem.At("parent", member.Offset, member.Name, $"a member lies below {parent}, which is no directory");
            }

            if (!leading.Add(parent))
            {
                return;
            }
        }
    }

    // Leading "./", doubled and closing slashes are harmless and usual; everything else that is not a plain path is a trick.
    private static TreePath Path(byte[] name, TarMember member, string code)
    {
        if (name is [(byte)'/', ..])
        {
            throw TarProblem.At(code, member.Offset, member.Name, "a name begins at the root of this computer (tar -P made it, or somebody means harm)");
        }

        if (name.Length > TreeFormat.MaxPath)
        {
            throw TarProblem.At(code, member.Offset, name.AsSpan(0, 100), $"a name is longer than {TreeFormat.MaxPath} bytes");
        }

        var path = new List<byte>(name.Length);
        var depth = 0;
        foreach (var range in name.AsSpan().Split((byte)'/'))
        {
            var part = name.AsSpan(range);
            if (part.IsEmpty || part.SequenceEqual("."u8))
            {
                continue;
            }

            if (!TreePath.IsValidName(part) || ++depth > TreeFormat.MaxDepth)
            {
                throw TarProblem.At(code, member.Offset, member.Name, "a name leads upwards, is deeper than any tree, or is none that Linux knows");
            }

            if (path.Count > 0)
            {
                path.Add((byte)'/');
            }

            path.AddRange(part);
        }

        return path.Count == 0 && name.Length == 0
            ? throw TarProblem.At(code, member.Offset, member.Name, "a member has no name")
            : TreePath.FromBytes(path.ToArray());
    }
}
