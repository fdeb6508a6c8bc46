using System.Text;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Testing;

/// <summary>
/// Fills a folder with everything a real root file system may hold and careless programs trip over: names that are no text,
/// times before 1970 and after 2038, hard links across directories, holes, devices, capabilities, ACLs, odd owners.
/// The same random numbers make the same tree. Needs root.
/// </summary>
public sealed class NastyTree(Random random)
{
    private static readonly byte[][] OddNames =
    [
        "new\nline"u8.ToArray(), [0xE9, 0xFF, 0x80], Encoding.UTF8.GetBytes(new string('x', 255)), "-rf"u8.ToArray(), " "u8.ToArray(),
        "…"u8.ToArray(), "a\\b"u8.ToArray(), "tab\t"u8.ToArray(), "*"u8.ToArray(), "\"'"u8.ToArray(), ".hidden"u8.ToArray(), [1, 2, 27],
    ];

    // cap_net_bind_service=ep, and a minimal ACL with one named user.
    private static readonly byte[] Capability = Convert.FromHexString("0100000200040000000000000000000000000000");
    private static readonly byte[] Acl = Convert.FromHexString("0200000001000600ffffffff0200040031d4000004000400ffffffff10000600ffffffff20000400ffffffff");

    // As deep and long as the system's own tools, with which the trees are compared, still take a path at once.
    private const int DeepLevels = 60, DeepNames = 13;

    private readonly List<(byte[] Path, byte[] Name)> files = [];

    /// <summary>Adds entries below an open directory, about <paramref name="count"/> of them, and a path of many levels or of long names.</summary>
    public void Fill(SafeFileHandle root, int count)
    {
        Deep(root, random.Next(2) == 0 ? [.. Enumerable.Repeat("d"u8.ToArray(), DeepLevels)] : [.. Enumerable.Repeat(OddNames[2], DeepNames)]);
        Fill(root, root, [], ref count, 0);
    }

    private void Deep(SafeFileHandle directory, byte[][] names)
    {
        if (names.Length == 0)
        {
            MakeFile(directory, Name());
            return;
        }

        Linux.MakeDirectory(directory, names[0], 0x1C0);
        using var inner = Linux.OpenBeneath(directory, names[0], OpenFlags.Directory);
        Deep(inner, names[1..]);
        Decorate(directory, names[0], inner);
    }

    private void Fill(SafeFileHandle root, SafeFileHandle directory, byte[] path, ref int count, int depth)
    {
        var taken = depth == 0 ? Linux.ListNames(directory, 1000).Select(Convert.ToHexString).ToHashSet() : [];
        var here = depth == 0 ? int.MaxValue : random.Next(1, 12);
        for (var i = 0; i < here && count > 0; i++, count--)
        {
            var name = Name();
            if (!taken.Add(Convert.ToHexString(name)))
            {
                continue;
            }

            byte[] child = path.Length == 0 ? name : [.. path, (byte)'/', .. name];
            switch (random.Next(12))
            {
                case < 4 when depth < 8:
                    Linux.MakeDirectory(directory, name, 0x1C0);
                    using (var inner = Linux.OpenBeneath(directory, name, OpenFlags.Directory))
                    {
                        Fill(root, inner, child, ref count, depth + 1);
                        Decorate(directory, name, inner);
                    }

                    break;
                case < 8:
                    MakeFile(directory, name);
                    files.Add((path, name));
                    break;
                case 8:
                    Linux.MakeSymlink(directory, name, random.Next(3) switch { 0 => "/etc/passwd"u8, 1 => "../../.."u8, _ => [0xFF, 1, (byte)'x'] });
                    Linux.SetOwner(directory, name, Id(), Id());
                    break;
                case 9:
                    Linux.MakeNode(directory, name, random.Next(3) switch { 0 => 0x2000u, 1 => 0x6000u, _ => 0x1000u }, (uint)random.Next(4096), (uint)random.Next(1 << 20));
                    Decorate(directory, name, null);
                    break;
                case 10 when files.Count > 0:
                    HardLink(root, directory, name);
                    break;
                default:
                    MakeFile(directory, name);
                    break;
            }
        }
    }

    private void MakeFile(SafeFileHandle directory, byte[] name)
    {
        using var file = Linux.OpenBeneath(directory, name, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive, 0x180);
        var content = new byte[random.Next(4) switch { 0 => 0, 1 => random.Next(1, 10), 2 => random.Next(70_000), _ => 4096 }];
        random.NextBytes(content);
        if (random.Next(6) == 0)
        {
            var hole = random.Next(1 << 20);
            Linux.Write(file, content, hole);
            Linux.SetLength(file, hole + content.Length + random.Next(100_000));
        }
        else
        {
            Linux.Write(file, content, 0);
        }

        Decorate(directory, name, file);
    }

    private void HardLink(SafeFileHandle root, SafeFileHandle directory, byte[] name)
    {
        var (path, other) = files[random.Next(files.Count)];
        using var from = Linux.OpenBeneath(root, path, OpenFlags.Directory);
        Linux.Link(from, other, directory, name);
    }

    private void Decorate(SafeFileHandle directory, byte[] name, SafeFileHandle? handle)
    {
        Linux.SetOwner(directory, name, Id(), Id());
        using var entry = Linux.OpenBeneath(directory, name, OpenFlags.PathOnly);
        Linux.SetMode(entry, (ushort)random.Next(0x1000));
        if (handle is not null && random.Next(5) == 0)
        {
            Linux.SetXattr(directory, name, "user.note"u8, Encoding.UTF8.GetBytes($"n{random.Next(100)}\0"));
            Linux.SetXattr(directory, name, "trusted.empty"u8, []);
        }

        if (handle is not null && random.Next(5) == 0)
        {
            Linux.SetXattr(directory, name, "system.posix_acl_access"u8, Acl);
        }

        if (handle is not null && Linux.Stat(handle).Kind == EntryKind.Directory && random.Next(5) == 0)
        {
            Linux.SetXattr(directory, name, "system.posix_acl_default"u8, Acl);
        }

        if (handle is not null && Linux.Stat(handle).Kind == EntryKind.File && random.Next(5) == 0)
        {
            Linux.SetXattr(directory, name, "security.capability"u8, Capability);
        }

        var seconds = random.Next(4) switch { 0 => -random.NextInt64(1L << 31), 1 => (1L << 31) + random.NextInt64(1L << 32), _ => 1_700_000_000 };
        Linux.SetModified(directory, name, new FileTime(seconds, (uint)random.Next(1_000_000_000)));
    }

    private uint Id() => random.Next(4) switch { 0 => 0, 1 => 1000, 2 => 65_534, _ => (uint)random.NextInt64(1L << 31, (1L << 32) - 2) };

    private byte[] Name() => random.Next(4) == 0 ? OddNames[random.Next(OddNames.Length)] : Encoding.ASCII.GetBytes($"n{random.Next(1000)}");
}
