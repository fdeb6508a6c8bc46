using Muster.Core.Trees;

namespace Muster.Core.Filters;

/// <summary>
/// A directory that is itself not managed but leads to something that is. In a managed tree it stands with mode 0, owner 0:0 and no
/// extended attributes, so that its real attributes are not compared.
/// </summary>
public static class Passage
{
    /// <summary>The mode of a passage that has to be made because nothing is there.</summary>
    public const ushort ModeWhenMade = 0x1ED; // 0755

    /// <summary>True for an entry with the attributes of a passage.</summary>
    public static bool Is(TreeEntry entry) =>
        entry is { Kind: EntryKind.Directory, Mode: 0, Uid: 0, Gid: 0, Xattrs.Length: 0 };

    /// <summary>The passage of a name and content.</summary>
    public static TreeEntry Of(byte[] name, TreeDirectory content) =>
        new TreeEntry { Name = name, Kind = EntryKind.Directory }.WithDirectory(content);
}
