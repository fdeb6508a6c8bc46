namespace Muster.Dev;

/// <summary>Puts a file or link into the tree that becomes a package.</summary>
internal static class Place
{
    public static void File(string source, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        System.IO.File.Copy(source, target, overwrite: true);
    }

    public static void Text(string text, string target, bool executable = false)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        System.IO.File.WriteAllText(target, text);
        if (executable)
        {
            System.IO.File.SetUnixFileMode(target, System.IO.File.GetUnixFileMode(target) | UnixFileMode.UserExecute);
        }
    }

    public static void Link(string target, string link)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        System.IO.File.CreateSymbolicLink(link, target);
    }
}
