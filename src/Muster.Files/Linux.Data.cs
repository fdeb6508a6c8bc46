using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Muster.Files;

public static partial class Linux
{
    /// <summary>Opens a new file that has no name yet; <see cref="Link(SafeFileHandle, SafeFileHandle, ReadOnlySpan{byte})"/> gives it one.
    /// Null where the file system cannot do that (overlay on old kernels, NFS).</summary>
    public static SafeFileHandle? OpenUnnamed(SafeFileHandle directory, uint mode)
    {
        const OpenFlags temporary = (OpenFlags)0x400000;
        var errno = TryOpenBeneath(directory, "."u8, OpenFlags.ReadWrite | OpenFlags.Directory | temporary, mode, out var handle);
        return errno switch
        {
            0 => handle,
            Errno.EOPNOTSUPP or Errno.EISDIR or Errno.EINVAL or Errno.ENOENT => null,
            _ => throw Problem(errno, "make an unnamed file in", []),
        };
    }

    /// <summary>Reads at a position; 0 at the end. May give less than asked.</summary>
    public static unsafe int Read(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        fixed (byte* p = buffer)
        {
            while (true)
            {
                var count = pread(file, p, buffer.Length, offset);
                if (count >= 0)
                {
                    return (int)count;
                }

                if (Marshal.GetLastPInvokeError() != Errno.EINTR)
                {
                    throw Problem(Marshal.GetLastPInvokeError(), "read", []);
                }
            }
        }
    }

    /// <summary>Writes all of <paramref name="bytes"/> at a position.</summary>
    public static unsafe void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* p = bytes)
        {
            for (var done = 0; done < bytes.Length;)
            {
                var count = pwrite(file, p + done, bytes.Length - done, offset + done);
                if (count < 0 && Marshal.GetLastPInvokeError() != Errno.EINTR)
                {
                    throw Problem(Marshal.GetLastPInvokeError(), "write", []);
                }

                done += (int)Math.Max(count, 0);
            }
        }
    }

    /// <summary>Where the next bytes that are not a hole begin, at or after <paramref name="offset"/>; null if only a hole follows.</summary>
    public static long? NextData(SafeFileHandle file, long offset) => Seek(file, offset, 3);

    /// <summary>Where the next hole begins, at or after <paramref name="offset"/>; the end of the file counts as one. Null past the end.</summary>
    public static long? NextHole(SafeFileHandle file, long offset) => Seek(file, offset, 4);

    private static long? Seek(SafeFileHandle file, long offset, int whence)
    {
        var found = lseek(file, offset, whence);
        return found >= 0 ? found
            : Marshal.GetLastPInvokeError() == Errno.ENXIO ? null
            : throw Problem(Marshal.GetLastPInvokeError(), "look for holes in", []);
    }

    /// <summary>Sets the length; what is added is a hole.</summary>
    public static void SetLength(SafeFileHandle file, long length) => Check(ftruncate(file, length), "set the length of", []);

    /// <summary>Takes the room for a file before it is written, so that a full disk shows before anything is changed. False where the file system cannot.</summary>
    public static bool Reserve(SafeFileHandle file, long length)
        => length == 0 || fallocate(file, 0, 0, length) == 0
        || (Marshal.GetLastPInvokeError() == Errno.EOPNOTSUPP ? false : throw Problem(Marshal.GetLastPInvokeError(), "reserve room for", []));

    public static void Flush(SafeFileHandle file) => Check(fsync(file), "flush", []);

    /// <summary>Writes everything of the file system that <paramref name="any"/> lies on to the medium.</summary>
    public static void FlushFileSystem(SafeFileHandle any) => Check(syncfs(any), "flush the file system of", []);

    /// <summary>Makes <paramref name="to"/> share the blocks of <paramref name="from"/>; false where the file system cannot.</summary>
    public static bool Reflink(SafeFileHandle from, SafeFileHandle to)
    {
        if (ioctl(to, 0x40049409, from.DangerousGetHandle()) == 0)
        {
            GC.KeepAlive(from);
            return true;
        }

        return Marshal.GetLastPInvokeError() is Errno.EOPNOTSUPP or Errno.EXDEV or Errno.EINVAL or Errno.ENOTTY or Errno.ENOSYS or Errno.EPERM
            ? false
            : throw Problem(Marshal.GetLastPInvokeError(), "share blocks of", []);
    }

    /// <summary>Copies within the kernel; 0 at the end of <paramref name="from"/>, -1 where these two file systems cannot.</summary>
    public static unsafe long CopyRange(SafeFileHandle from, long fromOffset, SafeFileHandle to, long toOffset, long length)
    {
        var count = Syscall(Arm ? 285 : 326, from, &fromOffset, to, &toOffset, (nint)length, 0);
        return count >= 0 ? count
            : Marshal.GetLastPInvokeError() is Errno.EXDEV or Errno.EINVAL or Errno.ENOSYS or Errno.EOPNOTSUPP ? -1
            : throw Problem(Marshal.GetLastPInvokeError(), "copy", []);
    }

    /// <summary>Tells the kernel that a file is read once from front to back.</summary>
    public static void AdviseSequential(SafeFileHandle file) => _ = posix_fadvise(file, 0, 0, 2);

    /// <summary>Tells the kernel that these pages need not stay in memory.</summary>
    public static void AdviseDontNeed(SafeFileHandle file) => _ = posix_fadvise(file, 0, 0, 4);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint pread(SafeFileHandle file, byte* buffer, nint size, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint pwrite(SafeFileHandle file, byte* buffer, nint size, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(SafeFileHandle file, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int syncfs(SafeFileHandle file);

    [LibraryImport("libc")]
    private static partial int posix_fadvise(SafeFileHandle file, long offset, long length, int advice);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(SafeFileHandle file, nint request, nint argument);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static unsafe partial nint Syscall(nint number, SafeFileHandle from, long* fromOffset, SafeFileHandle to, long* toOffset, nint length, uint flags);
}
