using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Trees;

namespace Muster.Files;

/// <summary>What the kernel says about one inode. <see cref="Kind"/> is null for a socket or something newer than we know.</summary>
public readonly record struct FileStat
{
    /// <summary>What it is, or null where it cannot be part of a tree.</summary>
    public EntryKind? Kind { get; init; }

    /// <summary>Permission bits, 0 to 07777.</summary>
    public ushort Mode { get; init; }

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    public uint Links { get; init; }

    public ulong Inode { get; init; }

    /// <summary>The file system's number, major in the upper half.</summary>
    public ulong Device { get; init; }

    /// <summary>Which mount it was seen through; tells a bind mount from its neighbours.</summary>
    public ulong Mount { get; init; }

    public long Size { get; init; }

    /// <summary>Bytes really occupied; less than <see cref="Size"/> where there are holes (or compression).</summary>
    public long Occupied { get; init; }

    public FileTime Modified { get; init; }

    /// <summary>Last change of content, attributes or links. No program can set it back.</summary>
    public FileTime Changed { get; init; }

    public uint Major { get; init; }

    public uint Minor { get; init; }

    /// <summary>The immutable and append-only flags, as far as this file system reports them.</summary>
    public bool Immutable { get; init; }

    public bool AppendOnly { get; init; }

    /// <summary>True if the same inode has neither been written nor had its attributes changed between the two looks.</summary>
    public bool SameVersion(in FileStat other)
        => Inode == other.Inode && Device == other.Device && Size == other.Size && Modified == other.Modified && Changed == other.Changed;
}

public static partial class Linux
{
    private const int SymlinkNoFollow = 0x100;
    private const int NoAutomount = 0x800;
    private const int StatxBasic = 0x7ff;
    private const int StatxMount = 0x1000;

    [StructLayout(LayoutKind.Sequential)]
    private struct StatxTime
    {
        public long Seconds;
        public uint Nanoseconds;
        public int Reserved;
    }

    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private struct Statx
    {
        public int Mask, BlockSize;
        public ulong Attributes;
        public uint Links, Uid, Gid;
        public ushort Mode, Spare0;
        public ulong Inode, Size, Blocks, AttributesMask;
        public StatxTime Accessed, Born, Changed, Modified;
        public uint RdevMajor, RdevMinor, DevMajor, DevMinor;
        public ulong Mount;
    }

    /// <summary>Looks at an open file or directory itself.</summary>
    public static FileStat Stat(SafeFileHandle handle)
    {
        var errno = TryStat(handle, [], out var stat);
        return errno == 0 ? stat : throw Problem(errno, "look at", []);
    }

    /// <summary>Looks at an entry of an open directory without following it; null where there is none.</summary>
    public static FileStat? FindStat(SafeFileHandle directory, ReadOnlySpan<byte> name)
    {
        var errno = TryStat(directory, name, out var stat);
        return errno switch
        {
            0 => stat,
            Errno.ENOENT => null,
            _ => throw Problem(errno, "look at", name),
        };
    }

    /// <summary>As <see cref="FindStat"/>, giving the error number, or 0. An empty name is the open directory itself.</summary>
    public static unsafe int TryStat(SafeFileHandle directory, ReadOnlySpan<byte> name, out FileStat stat)
    {
        Statx raw;
        Span<byte> buffer = stackalloc byte[NameMax + 1];
        fixed (byte* p = Terminated(name, buffer))
        {
            var flags = SymlinkNoFollow | NoAutomount | (name.IsEmpty ? EmptyPath : 0);
            if (Syscall(Arm ? 291 : 332, directory, p, flags, StatxBasic | StatxMount, &raw) != 0)
            {
                stat = default;
                return Marshal.GetLastPInvokeError();
            }
        }

        stat = new FileStat
        {
            Kind = (raw.Mode & 0xF000) switch
            {
                0x4000 => EntryKind.Directory,
                0x8000 => EntryKind.File,
                0xA000 => EntryKind.Symlink,
                0x2000 => EntryKind.CharacterDevice,
                0x6000 => EntryKind.BlockDevice,
                0x1000 => EntryKind.Fifo,
                _ => null,
            },
            Mode = (ushort)(raw.Mode & 0xFFF),
            Uid = raw.Uid,
            Gid = raw.Gid,
            Links = raw.Links,
            Inode = raw.Inode,
            Device = ((ulong)raw.DevMajor << 32) | raw.DevMinor,
            Mount = (raw.Mask & StatxMount) != 0 ? raw.Mount : 0,
            Size = (long)raw.Size,
            Occupied = (long)raw.Blocks * 512,
            Modified = new FileTime(raw.Modified.Seconds, raw.Modified.Nanoseconds),
            Changed = new FileTime(raw.Changed.Seconds, raw.Changed.Nanoseconds),
            Major = raw.RdevMajor,
            Minor = raw.RdevMinor,
            Immutable = (raw.Attributes & 0x10) != 0,
            AppendOnly = (raw.Attributes & 0x20) != 0,
        };
        return 0;
    }

    /// <summary>What a symbolic link points to: bytes, never followed.</summary>
    public static unsafe byte[] ReadLink(SafeFileHandle directory, ReadOnlySpan<byte> name)
    {
        Span<byte> buffer = stackalloc byte[NameMax + 1];
        var target = stackalloc byte[PathMax];
        fixed (byte* p = Terminated(name, buffer))
        {
            var length = (int)Check(readlinkat(directory, p, target, PathMax), "read the link", name);
            return new ReadOnlySpan<byte>(target, length).ToArray();
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint readlinkat(SafeFileHandle directory, byte* path, byte* buffer, nint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static unsafe partial nint Syscall(nint number, SafeFileHandle a, byte* b, nint c, nint d, void* e);
}
