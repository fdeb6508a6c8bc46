using System.IO.MemoryMappedFiles;
using System.Text;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Dev;

/// <summary>One way to change a machine's file that the kernel tells of.</summary>
/// <param name="How">The same in words of a shell.</param>
/// <param name="Break">Does it to a path of the machine; the second path is a file of a folder that the image leaves alone.</param>
/// <param name="Subject">What it is done to: a file, a directory, or a name that nothing has.</param>
internal sealed record DriftWay(string What, string How, Action<string, string> Break, DriftSubject Subject = DriftSubject.File);

internal enum DriftSubject
{
    File,
    Directory,
    Symlink,
    Nothing,
}

internal static class DriftWays
{
    private static readonly byte[] Other = Encoding.ASCII.GetBytes(new string('x', 4096));

    /// <summary>Every way; a memory map's pages reach the file unseen, so it counts from its close.</summary>
    public static IReadOnlyList<DriftWay> All { get; } =
    [
        new("written anew", "cat other >FILE", (path, _) => File.WriteAllBytes(path, Other)),
        new("overwritten in place", "dd conv=notrunc if=other of=FILE", (path, _) => Write(path, FileMode.Open)),
        new("appended to", "printf x >>FILE", (path, _) => Write(path, FileMode.Append)),
        new("truncated", "truncate -s 100 FILE", (path, _) => Shorten(path)),
        new("written by a memory map, from its close", "python3 -c 'mmap FILE, write, close'", (path, _) => Map(path)),
        new("removed", "rm FILE", (path, _) => File.Delete(path)),
        new("renamed over", "mv -T /tmp/other FILE", (path, scratch) => Cover(path, scratch)),
        new("renamed away", "mv FILE /tmp", File.Move),
        new("renamed in its folder", "mv FILE FILE.moved", (path, _) => File.Move(path, path + ".moved")),
        new("replaced by a directory", "mv --exchange DIR FILE", Replace),
        new("hard link added", "ln FILE FILE.link", (path, _) => Link(path)),
        new("mode", "chmod 700 FILE", (path, _) => File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)),
        new("owner", "chown 1:1 FILE", (path, _) => In(path, (folder, name) => Linux.SetOwner(folder, name, 1, 1))),
        new("time", "touch FILE", (path, _) => In(path, (folder, name) => Linux.SetModified(folder, name, new FileTime(1_000_000_000, 0)))),
        new("attribute added", "setfattr -n user.bench -v 1 FILE", (path, _) => In(path, (folder, name) => Linux.SetXattr(folder, name, "user.bench"u8, "1"u8))),
        new("symbolic link changed", "ln -sfn other LINK", Relink, DriftSubject.Symlink),
        new("file made", "touch FILE", (path, _) => File.WriteAllBytes(path, Other), DriftSubject.Nothing),
        new("directories with files made", "mv other DIR", Plant, DriftSubject.Nothing),
        new("directory with files removed", "rm -r DIR", (path, _) => Remove(path), DriftSubject.Directory),
    ];

    private static void Write(string path, FileMode mode)
    {
        using var file = new FileStream(path, mode, FileAccess.Write);
        file.Write("x"u8);
    }

    private static void Shorten(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        file.SetLength(100);
    }

    private static void Map(string path)
    {
        using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open);
        using var view = file.CreateViewAccessor(0, 1);
        view.Write(0, (byte)'~');
    }

    private static void Cover(string path, string scratch)
    {
        File.WriteAllBytes(scratch, Other);
        File.Move(scratch, path, overwrite: true);
    }

    // In one step, like the next ones: what is done in two is put right in between.
    private static void Replace(string path, string scratch)
    {
        Directory.CreateDirectory(scratch);
        using var other = Linux.OpenRoot(Path.GetDirectoryName(scratch)!);
        In(path, (folder, name) => Linux.Exchange(other, Encoding.UTF8.GetBytes(Path.GetFileName(scratch)), folder, name));
    }

    private static void Link(string path) => In(path, (folder, name) => Linux.Link(folder, name, folder, [.. name, .. ".link"u8]));

    private static void Relink(string path, string scratch)
    {
        File.CreateSymbolicLink(scratch, "other");
        File.Move(scratch, path, overwrite: true);
    }

    private static void Plant(string path, string scratch)
    {
        var deepest = Directory.CreateDirectory(Path.Combine(scratch, "a", "b")).FullName;
        File.WriteAllBytes(Path.Combine(deepest, "file"), Other);
        File.WriteAllBytes(Path.Combine(scratch, "file"), Other);
        Directory.Move(scratch, path);
    }

    private static void Remove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (IOException)
        {
            // What was removed first is back before the last is gone.
        }
    }

    private delegate void Change(Microsoft.Win32.SafeHandles.SafeFileHandle folder, ReadOnlySpan<byte> name);

    private static void In(string path, Change change)
    {
        using var folder = Linux.OpenRoot(Path.GetDirectoryName(path)!);
        change(folder, Encoding.UTF8.GetBytes(Path.GetFileName(path)));
    }
}
