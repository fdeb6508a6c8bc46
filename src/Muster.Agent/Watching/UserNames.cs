using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Agent.Watching;

/// <summary>Names of users as the tree's own /etc/passwd has them. Anyone else (a directory service's) is shown by number.</summary>
internal sealed class UserNames(SafeFileHandle root)
{
    private const int MaxSize = 4 * 1024 * 1024;

    private readonly Lock gate = new();
    private Dictionary<uint, string> names = [];
    private FileStat version;

    public string Of(uint id)
    {
        lock (gate)
        {
            try
            {
                Refresh();
            }
            catch (ProblemException)
            {
                // Just now being replaced, or damaged: what we knew is the best there is.
            }

            // 0 is root everywhere, also in a tree that has no passwd.
            return names.TryGetValue(id, out var name) ? name : id == 0 ? "root" : id.ToString(CultureInfo.InvariantCulture);
        }
    }

    private void Refresh()
    {
        var errno = Linux.TryOpenBeneath(root, "etc"u8, OpenFlags.Read | OpenFlags.Directory, 0, out var folder);
        if (errno != 0)
        {
            return;
        }

        using (folder)
        {
            if (Linux.FindStat(folder!, "passwd"u8) is { } stat && !stat.SameVersion(version) && AtomicFile.Read(folder!, "passwd"u8, MaxSize) is { } bytes)
            {
                names = Parse(bytes);
                version = stat;
            }
        }
    }

    internal static Dictionary<uint, string> Parse(ReadOnlySpan<byte> passwd)
    {
        var found = new Dictionary<uint, string>();
        foreach (var line in Encoding.Latin1.GetString(passwd).Split('\n'))
        {
            if (line.Split(':') is [{ Length: > 0 and <= 256 } name, _, var id, ..] && uint.TryParse(id, CultureInfo.InvariantCulture, out var number))
            {
                found.TryAdd(number, TreeText.Show(Encoding.Latin1.GetBytes(name)));
            }
        }

        return found;
    }
}
