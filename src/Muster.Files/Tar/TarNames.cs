using System.Globalization;
using System.Text;
using Muster.Core.Trees;

namespace Muster.Files.Tar;

/// <summary>The users and groups that an archive of a root file system brings with it.</summary>
internal sealed class TarNames(TarTree archive)
{
    private const int MaxSize = 16 << 20;

    private readonly Dictionary<string, uint> users = Read(archive, "etc/passwd");
    private readonly Dictionary<string, uint> groups = Read(archive, "etc/group");

    public uint? IdOf(string name, bool isGroup)
        => (isGroup ? groups : users).TryGetValue(name, out var id) ? id : null;

    // name:password:number:...
    private static Dictionary<string, uint> Read(TarTree archive, string path)
    {
        var found = new Dictionary<string, uint>();
        if (archive.Find(TreePath.FromText(path)) is not { Length: <= MaxSize } file)
        {
            return found;
        }

        var bytes = new byte[file.Length];
        file.Read(0, bytes);
        foreach (var line in Encoding.Latin1.GetString(bytes).Split('\n'))
        {
            if (line.Split(':') is [var name, _, var number, ..] && uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                found.TryAdd(name, id);
            }
        }

        return found;
    }
}
