using Muster.Core.Trees;

namespace Muster.Core.Filters;

/// <summary>
/// The agent's own folders, and the unit that starts it (the join line's in /etc, the package's in /usr/lib): outside every
/// filter, whatever it says, so that no image can remove the agent that applies it.
/// Their parents are ordinary directories, except that they are never removed or replaced.
/// </summary>
public static class AgentFolders
{
    private static readonly TreePath[] Folders =
    [
        TreePath.FromText("/usr/lib/muster-agent"), TreePath.FromText("/var/lib/muster-agent"), TreePath.FromText("/.muster-agent"),
        TreePath.FromText("/usr/lib/systemd/system/muster-agent.service"), TreePath.FromText("/etc/systemd/system/muster-agent.service"),
        TreePath.FromText("/etc/systemd/system/multi-user.target.wants/muster-agent.service"),
    ];

    /// <summary>The folders.</summary>
    public static IReadOnlyList<TreePath> All => Folders;

    /// <summary>True for a folder of the agent and everything in it.</summary>
    public static bool Contains(TreePath path) => Contains(path.Bytes);

    /// <summary>True for a directory that has one of them below it: the root, /usr, /usr/lib, /var, /var/lib, /etc and on to the units.</summary>
    public static bool AreBelow(TreePath directory) => AreBelow(directory.Bytes);

    internal static bool AreBelow(ReadOnlySpan<byte> directory)
    {
        foreach (var folder in Folders)
        {
            var bytes = folder.Bytes;
            if (directory.IsEmpty || (bytes.Length > directory.Length && bytes.StartsWith(directory) && bytes[directory.Length] == '/'))
            {
                return true;
            }
        }

        return false;
    }

    internal static bool Contains(ReadOnlySpan<byte> path)
    {
        foreach (var folder in Folders)
        {
            var bytes = folder.Bytes;
            if (path.StartsWith(bytes) && (path.Length == bytes.Length || path[bytes.Length] == '/'))
            {
                return true;
            }
        }

        return false;
    }
}
