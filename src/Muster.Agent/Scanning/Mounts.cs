using System.Text;
using Muster.Core.Trees;

namespace Muster.Agent.Scanning;

/// <summary>
/// Where other file systems are mounted in a tree. We see a root without its mounts (docs/adr/0030): what programs find in such a
/// directory is not what is compared.
/// </summary>
internal static class Mounts
{
    // They lie on no disk of this machine, and hold files all the same.
    private static readonly string[] Remote = ["nfs", "nfs4", "cifs", "zfs", "ceph", "9p", "virtiofs"];

    /// <summary>Paths below a root where another file system with files of its own is mounted; what only the kernel shows, such as /proc, is none.</summary>
    public static IReadOnlyList<TreePath> Below(string rootPath)
    {
        var withoutDisk = File.ReadLines("/proc/filesystems").Where(line => line.StartsWith("nodev", StringComparison.Ordinal)).Select(line => line[5..].Trim()).ToHashSet();
        withoutDisk.ExceptWith(Remote);
        return [.. Read(File.ReadLines("/proc/self/mountinfo"), rootPath, withoutDisk)];
    }

    /// <summary>The same of lines as in proc_pid_mountinfo(5).</summary>
    public static IEnumerable<TreePath> Read(IEnumerable<string> lines, string rootPath, IReadOnlySet<string> withoutDisk)
    {
        var root = Encoding.UTF8.GetBytes(rootPath.TrimEnd('/') + "/");
        foreach (var line in lines)
        {
            // id, parent, device, root, mount point, options, optional fields, a dash, kind, source, options
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-");
            if (dash < 5 || dash + 1 >= fields.Length || withoutDisk.Contains(fields[dash + 1]))
            {
                continue;
            }

            var point = Unescape(fields[4]);
            if (point.AsSpan().StartsWith(root) && point.Length > root.Length)
            {
                yield return TreePath.FromBytes(point.AsSpan(root.Length));
            }
        }
    }

    // Blanks, tabs, line ends and backslashes are written as three octal digits.
    private static byte[] Unescape(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = 0;
        for (var at = 0; at < bytes.Length; at++)
        {
            if (bytes[at] == '\\' && at + 3 < bytes.Length)
            {
                bytes[length++] = (byte)(((bytes[at + 1] - '0') << 6) | ((bytes[at + 2] - '0') << 3) | (bytes[at + 3] - '0'));
                at += 3;
            }
            else
            {
                bytes[length++] = bytes[at];
            }
        }

        return bytes[..length];
    }
}
