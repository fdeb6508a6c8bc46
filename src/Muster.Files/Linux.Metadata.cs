using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Trees;

namespace Muster.Files;

public static partial class Linux
{
    private const nuint GetFlags = 0x80086601;
    private const nuint SetFlags = 0x40086602;
    private const int ImmutableFlag = 0x10, AppendOnlyFlag = 0x20;

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary>Sets owner and group of an entry, or of the handle itself for an empty name. Links are not followed; setuid bits are lost, so mode comes after.</summary>
    public static unsafe void SetOwner(SafeFileHandle directory, ReadOnlySpan<byte> name, uint uid, uint gid)
    {
        Span<byte> buffer = stackalloc byte[NameMax + 1];
        fixed (byte* p = Terminated(name, buffer))
        {
            _ = Check(fchownat(directory, p, uid, gid, SymlinkNoFollow | (name.IsEmpty ? EmptyPath : 0)), "set the owner of", name);
        }
    }

    /// <summary>Sets the permission bits of an open file, also of one opened only as a path. Not for symbolic links, which have none.</summary>
    public static unsafe void SetMode(SafeFileHandle handle, ushort mode)
    {
        if (fchmod(handle, mode) == 0)
        {
            return;
        }

        if (Marshal.GetLastPInvokeError() != Errno.EBADF)
        {
            throw Problem(Marshal.GetLastPInvokeError(), "set the mode of", []);
        }

        Span<byte> path = stackalloc byte[64];
        _ = ProcPath(handle, [], path);
        fixed (byte* p = path)
        {
            _ = Check(chmod(p, mode), "set the mode of", []);
        }
    }

    /// <summary>Sets the modification time of an entry, or of the handle itself for an empty name; the access time stays.</summary>
    public static unsafe void SetModified(SafeFileHandle directory, ReadOnlySpan<byte> name, FileTime time)
    {
        const long omit = 0x3ffffffe;
        var times = stackalloc TimeSpec[2];
        times[0] = new TimeSpec { Nanoseconds = omit };
        times[1] = new TimeSpec { Seconds = time.Seconds, Nanoseconds = time.Nanoseconds };
        if (!name.IsEmpty)
        {
            Span<byte> buffer = stackalloc byte[NameMax + 1];
            fixed (byte* p = Terminated(name, buffer))
            {
                _ = Check(utimensat(directory, p, times, SymlinkNoFollow), "set the time of", name);
            }

            return;
        }

        if (futimens(directory, times) == 0)
        {
            return;
        }

        if (Marshal.GetLastPInvokeError() != Errno.EBADF)
        {
            throw Problem(Marshal.GetLastPInvokeError(), "set the time of", []);
        }

        Span<byte> path = stackalloc byte[64];
        _ = ProcPath(directory, [], path);
        fixed (byte* p = path)
        {
            _ = Check(utimensat(CurrentDirectory, p, times, 0), "set the time of", []);
        }
    }

    /// <summary>Lifts the immutable and append-only flags of an open file or directory; true if there were any.</summary>
    public static unsafe bool LiftFlags(SafeFileHandle handle)
    {
        int flags;
        if (ioctl(handle, GetFlags, &flags) != 0)
        {
            return Marshal.GetLastPInvokeError() is Errno.ENOTTY or Errno.EOPNOTSUPP or Errno.EINVAL
                ? false
                : throw Problem(Marshal.GetLastPInvokeError(), "read the flags of", []);
        }

        if ((flags & (ImmutableFlag | AppendOnlyFlag)) == 0)
        {
            return false;
        }

        flags &= ~(ImmutableFlag | AppendOnlyFlag);
        _ = Check(ioctl(handle, SetFlags, &flags), "lift the flags of", []);
        return true;
    }

    /// <summary>Sets the immutable or append-only flag, as chattr does.</summary>
    public static unsafe void SetFlagsOf(SafeFileHandle handle, bool immutable, bool appendOnly)
    {
        int flags;
        _ = Check(ioctl(handle, GetFlags, &flags), "read the flags of", []);
        flags = (flags & ~(ImmutableFlag | AppendOnlyFlag)) | (immutable ? ImmutableFlag : 0) | (appendOnly ? AppendOnlyFlag : 0);
        _ = Check(ioctl(handle, SetFlags, &flags), "set the flags of", []);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int fchownat(SafeFileHandle directory, byte* path, uint uid, uint gid, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchmod(SafeFileHandle handle, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int chmod(byte* path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int utimensat(SafeFileHandle directory, byte* path, TimeSpec* times, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int utimensat(int directory, byte* path, TimeSpec* times, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int futimens(SafeFileHandle handle, TimeSpec* times);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int ioctl(SafeFileHandle handle, nuint request, void* argument);
}
