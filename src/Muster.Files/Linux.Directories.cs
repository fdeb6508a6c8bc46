using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Problems;

namespace Muster.Files;

public static partial class Linux
{
    /// <summary>The names in an open directory, in the kernel's order, without <c>.</c> and <c>..</c>. Starts at the beginning.</summary>
    /// <exception cref="ProblemException">There are more than <paramref name="limit"/>.</exception>
    public static unsafe List<byte[]> ListNames(SafeFileHandle directory, int limit)
    {
        const int size = 64 * 1024;
        var names = new List<byte[]>();
        var buffer = stackalloc byte[size];
        _ = Check(lseek(directory, 0, 0), "rewind", []);
        while (true)
        {
            var filled = (int)Check(Syscall(Arm ? 61 : 217, directory, buffer, size), "list", []);
            if (filled == 0)
            {
                return names;
            }

            // inode (8), offset (8), record length (2), type (1), name with closing zero
            for (var rest = new ReadOnlySpan<byte>(buffer, filled); !rest.IsEmpty;)
            {
                var record = rest[..BinaryPrimitives.ReadUInt16LittleEndian(rest[16..])];
                rest = rest[record.Length..];
                var name = record[19..];
                name = name[..name.IndexOf((byte)0)];
                if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
                {
                    continue;
                }

                if (names.Count == limit)
                {
                    throw new ProblemException(ProblemKind.TooLarge, "tree.limit", $"a directory has more than {limit} entries");
                }

                names.Add(name.ToArray());
            }
        }
    }

    public static unsafe void MakeDirectory(SafeFileHandle directory, ReadOnlySpan<byte> name, uint mode)
    {
        Span<byte> buffer = stackalloc byte[NameMax + 1];
        fixed (byte* p = Terminated(name, buffer))
        {
            _ = Check(mkdirat(directory, p, mode), "make the directory", name);
        }
    }

    /// <summary>Makes a device or fifo; the file type is part of <paramref name="mode"/>, as in mknod(2).</summary>
    public static unsafe void MakeNode(SafeFileHandle directory, ReadOnlySpan<byte> name, uint mode, uint major = 0, uint minor = 0)
    {
        // How glibc and the kernel pack 32-bit major and minor numbers.
        var device = ((ulong)(major & 0xfffff000) << 32) | ((ulong)(major & 0xfff) << 8) | ((ulong)(minor & 0xffffff00) << 12) | (minor & 0xff);
        Span<byte> buffer = stackalloc byte[NameMax + 1];
        fixed (byte* p = Terminated(name, buffer))
        {
            _ = Check(mknodat(directory, p, mode, device), "make the node", name);
        }
    }

    public static unsafe void MakeSymlink(SafeFileHandle directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target)
    {
        Span<byte> targetBuffer = stackalloc byte[PathMax];
        Span<byte> buffer = stackalloc byte[NameMax + 1];
        fixed (byte* t = Terminated(target, targetBuffer))
        fixed (byte* p = Terminated(name, buffer))
        {
            _ = Check(symlinkat(t, directory, p), "make the link", name);
        }
    }

    /// <summary>Gives an inode one more name. A symbolic link is linked itself, not what it points to.</summary>
    public static unsafe void Link(SafeFileHandle from, ReadOnlySpan<byte> name, SafeFileHandle to, ReadOnlySpan<byte> newName)
    {
        Span<byte> buffer = stackalloc byte[NameMax + 1];
        Span<byte> newBuffer = stackalloc byte[NameMax + 1];
        fixed (byte* p = Terminated(name, buffer))
        fixed (byte* q = Terminated(newName, newBuffer))
        {
            _ = Check(linkat(from, p, to, q, 0), "link", newName);
        }
    }

    /// <summary>Gives an open inode a name: the second half of a file begun without one (<see cref="OpenUnnamed"/>).</summary>
    public static unsafe void Link(SafeFileHandle file, SafeFileHandle to, ReadOnlySpan<byte> newName)
    {
        const int followProcLink = 0x400;
        Span<byte> path = stackalloc byte[64];
        Span<byte> newBuffer = stackalloc byte[NameMax + 1];
        _ = ProcPath(file, [], path);
        fixed (byte* p = path)
        fixed (byte* q = Terminated(newName, newBuffer))
        {
            _ = Check(linkat(CurrentDirectory, p, to, q, followProcLink), "link", newName);
        }
    }

    /// <summary>Removes a name that is not a directory.</summary>
    public static void Unlink(SafeFileHandle directory, ReadOnlySpan<byte> name) => Remove(directory, name, 0, "remove");

    /// <summary>Removes an empty directory.</summary>
    public static void RemoveDirectory(SafeFileHandle directory, ReadOnlySpan<byte> name) => Remove(directory, name, 0x200, "remove the directory");

    private static unsafe void Remove(SafeFileHandle directory, ReadOnlySpan<byte> name, int flags, string verb)
    {
        Span<byte> buffer = stackalloc byte[NameMax + 1];
        fixed (byte* p = Terminated(name, buffer))
        {
            _ = Check(unlinkat(directory, p, flags), verb, name);
        }
    }

    /// <summary>Moves a name over another, which disappears if it exists.</summary>
    public static void Rename(SafeFileHandle from, ReadOnlySpan<byte> name, SafeFileHandle to, ReadOnlySpan<byte> newName)
        => Rename(from, name, to, newName, 0);

    /// <summary>Moves a name to one that must not exist.</summary>
    public static void RenameToNew(SafeFileHandle from, ReadOnlySpan<byte> name, SafeFileHandle to, ReadOnlySpan<byte> newName)
        => Rename(from, name, to, newName, 1);

    /// <summary>Swaps what two names mean, in one step that no reader can see half of.</summary>
    public static void Exchange(SafeFileHandle from, ReadOnlySpan<byte> name, SafeFileHandle to, ReadOnlySpan<byte> newName)
        => Rename(from, name, to, newName, 2);

    private static unsafe void Rename(SafeFileHandle from, ReadOnlySpan<byte> name, SafeFileHandle to, ReadOnlySpan<byte> newName, uint flags)
    {
        Span<byte> buffer = stackalloc byte[NameMax + 1];
        Span<byte> newBuffer = stackalloc byte[NameMax + 1];
        fixed (byte* p = Terminated(name, buffer))
        fixed (byte* q = Terminated(newName, newBuffer))
        {
            _ = Check(Syscall(Arm ? 276 : 316, from, p, to, q, flags), flags == 2 ? "exchange" : "rename to", newName);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int mkdirat(SafeFileHandle directory, byte* path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int mknodat(SafeFileHandle directory, byte* path, uint mode, ulong device);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int symlinkat(byte* target, SafeFileHandle directory, byte* path);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int linkat(SafeFileHandle from, byte* path, SafeFileHandle to, byte* newPath, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int linkat(int from, byte* path, SafeFileHandle to, byte* newPath, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int unlinkat(SafeFileHandle directory, byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static unsafe partial nint Syscall(nint number, SafeFileHandle from, byte* path, SafeFileHandle to, byte* newPath, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static unsafe partial nint Syscall(nint number, SafeFileHandle a, byte* b, nint c);
}
