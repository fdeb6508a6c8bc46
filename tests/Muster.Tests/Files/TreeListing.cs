using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Trees;
using Muster.Files;
using Muster.Testing;

namespace Muster.Tests.Files;

/// <summary>
/// A tree as lines of text, made twice: from what the scanner says, and from what find, sha256sum and getfattr say.
/// Bytes travel as Latin-1, so that no name is lost.
/// </summary>
internal static class TreeListing
{
    public static async Task<ScanResult> ScanAsync(string path, ScanOptions? options = null)
    {
        using var root = Linux.OpenRoot(path);
        return await TreeScanner.ScanAsync(root, options ?? new ScanOptions(), TimeProvider.System, CancellationToken.None);
    }

    public static string Of(Tree tree)
    {
        var lines = new List<string>();
        Add(lines, tree.Root, "");
        foreach (var group in tree.HardLinks)
        {
            lines.Add("links " + string.Join(" = ", group.Paths.Select(path => Latin(path.Bytes))));
        }

        lines.Sort(StringComparer.Ordinal);
        return string.Join('\n', lines);
    }

    private static void Add(List<string> lines, TreeEntry entry, string path)
    {
        var type = entry.Kind switch
        {
            EntryKind.Directory => "d", EntryKind.File => "f", EntryKind.Symlink => "l", EntryKind.CharacterDevice => "c", EntryKind.BlockDevice => "b", _ => "p",
        };
        lines.Add(Line(path, type, entry.Mode, entry.Uid, entry.Gid, entry.Size,
            type is "d" or "l" ? "" : string.Create(CultureInfo.InvariantCulture, $"{entry.Modified.Seconds}.{entry.Modified.Nanoseconds:D9}"),
            type == "l" ? Latin(entry.Target) : "", type == "f" ? entry.Content.ToString() : "",
            string.Join(',', entry.Xattrs.Select(x => $"{Latin(x.Name)}={Convert.ToHexStringLower(x.Value)}"))));
        foreach (var child in (entry.Directory ?? TreeDirectory.Empty).Entries)
        {
            Add(lines, child, path.Length == 0 ? Latin(child.Name) : $"{path}/{Latin(child.Name)}");
        }
    }

    public static async Task<string> ByOthersAsync(string path)
    {
        var digests = new Dictionary<string, string>();
        foreach (var line in Split(await OutputAsync(path, "find", ".", "-xdev", "-type", "f", "-exec", "sha256sum", "-z", "--", "{}", "+")))
        {
            digests[line[68..]] = line[..64];
        }

        var xattrs = await XattrsAsync(path);
        var fields = Split(await OutputAsync(path, "find", ".", "-xdev", "-printf", @"%P\0%y\0%m\0%U\0%G\0%s\0%T@\0%l\0%D:%i\0"));
        var lines = new List<string>();
        var links = new Dictionary<string, List<string>>();
        for (var i = 0; i + 8 < fields.Length; i += 9)
        {
            var (name, type, inode) = (fields[i], fields[i + 1], fields[i + 8]);
            if (type == "s")
            {
                continue;
            }

            if (type != "d")
            {
                (links.TryGetValue(inode, out var group) ? group : links[inode] = []).Add(name);
            }

            lines.Add(Line(name, type, type == "l" ? 0 : Convert.ToInt32(fields[i + 2], 8), uint.Parse(fields[i + 3], CultureInfo.InvariantCulture),
                uint.Parse(fields[i + 4], CultureInfo.InvariantCulture), type == "f" ? long.Parse(fields[i + 5], CultureInfo.InvariantCulture) : 0,
                type is "d" or "l" ? "" : fields[i + 6][..^1],
                fields[i + 7], type == "f" ? digests[name] : "", xattrs.GetValueOrDefault(name, "")));
        }

        lines.AddRange(links.Values.Where(group => group.Count > 1).Select(group => "links " + string.Join(" = ", group.Order(StringComparer.Ordinal))));
        lines.Sort(StringComparer.Ordinal);
        return string.Join('\n', lines);
    }

    private static async Task<Dictionary<string, string>> XattrsAsync(string path)
    {
        var found = new Dictionary<string, List<string>>();
        var current = new List<string>();
        foreach (var line in (await OutputAsync(path, "getfattr", "-R", "-h", "-P", "-d", "-m", "-", "-e", "hex", ".")).Split('\n'))
        {
            if (line.StartsWith("# file: ", StringComparison.Ordinal))
            {
                var name = Unescape(line[8..]);
                found[name == "." ? "" : name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name] = current = [];
            }
            else if (line.Length > 0 && Linux.IsManagedXattr(Encoding.Latin1.GetBytes(line.Split('=')[0])))
            {
                var (key, value) = line.Split('=', 2) is [var k, var v] ? (k, v) : (line, "");
                current.Add($"{key}={(value.StartsWith("0x", StringComparison.Ordinal) ? value[2..] : "")}");
            }
        }

        return found.ToDictionary(pair => pair.Key, pair => string.Join(',', pair.Value.Order(StringComparer.Ordinal)));
    }

    // getfattr writes what is not printable as three octal digits.
    private static string Unescape(string text)
        => System.Text.RegularExpressions.Regex.Replace(text, @"\\([0-7]{3})", match => ((char)Convert.ToInt32(match.Groups[1].Value, 8)).ToString());

    private static string Line(string path, string type, int mode, uint uid, uint gid, long size, string time, string target, string digest, string xattrs)
        => $"{path}|{type}|{mode:x}|{uid}|{gid}|{size}|{time}|{target}|{digest}|{xattrs}";

    private static string Latin(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    private static string[] Split(string text) => text.TrimEnd('\0') is { Length: > 0 } some ? some.Split('\0') : [];

    public static async Task<string> OutputAsync(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Peer.Require(program), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
            StandardOutputEncoding = Encoding.Latin1,
        };
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program}: {await error}");
        return output;
    }
}
