using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Muster.Files;

/// <summary>How a file is opened. The values of O_DIRECTORY and its neighbours differ between x64 and arm64.</summary>
[Flags]
public enum OpenFlags
{
    Read = 0,
    Write = 1,
    ReadWrite = 2,
    Create = 0x40,
    Exclusive = 0x80,
    Truncate = 0x200,
    Append = 0x400,
    NonBlocking = 0x800,

    /// <summary>Only a name for the inode: no reading, no permission needed, devices are not woken.</summary>
    PathOnly = 0x200000,

    /// <summary>Translated per processor when the call is made.</summary>
    Directory = 1 << 28,
    NoFollow = 1 << 29,

    /// <summary>Reads past the page cache, so that the medium itself is judged.</summary>
    Direct = 1 << 30,

    /// <summary>Leaves the access time alone; only the owner and root may ask for it.</summary>
    NoAccessTime = 0x40000,
}

public static partial class Linux
{
    private const int CloseOnExec = 0x80000;
    private const ulong ResolveNoXdev = 1, ResolveNoMagicLinks = 2, ResolveNoSymlinks = 4, ResolveBeneath = 8;
    private const int CurrentDirectory = -100;
    private const int EmptyPath = 0x1000;

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    /// <summary>Opens a directory by an ordinary path, as a person typed it: the one place where links are followed.</summary>
    public static unsafe SafeFileHandle OpenRoot(string path)
    {
        var bytes = Encoding.UTF8.GetBytes(path);
        Span<byte> buffer = stackalloc byte[PathMax];
        fixed (byte* p = Terminated(bytes, buffer))
        {
            var how = new OpenHow { Flags = (ulong)(Native(OpenFlags.Directory) | CloseOnExec) };
            return Own(Syscall(437, CurrentDirectory, p, (nint)(&how), sizeof(OpenHow), null), "open", bytes);
        }
    }

    /// <summary>
    /// Opens a directory as a view in which nothing is mounted below it, so that what lies under /proc or /dev of a running
    /// machine can be compared and repaired. Needs CAP_SYS_ADMIN; null where the kernel refuses.
    /// </summary>
    public static unsafe SafeFileHandle? OpenRootWithoutMounts(SafeFileHandle root)
    {
        const int clone = 1;
        var number = 0;
        var added = false;
        try
        {
            root.DangerousAddRef(ref added);
            byte empty = 0;
            number = (int)Syscall(428, root.DangerousGetHandle(), &empty, clone | CloseOnExec | EmptyPath, 0, null);
        }
        finally
        {
            if (added)
            {
                root.DangerousRelease();
            }
        }

        if (number < 0)
        {
            return null;
        }

        // What open_tree returns is a mere name (O_PATH); reading needs a real descriptor, which keeps the view alive.
        using var view = new SafeFileHandle(number, ownsHandle: true);
        return OpenBeneath(view, "."u8, OpenFlags.Directory);
    }

    /// <summary>Opens what lies at a path of any length below <paramref name="root"/>, following nothing and leaving no file system.</summary>
    public static SafeFileHandle OpenBeneath(SafeFileHandle root, ReadOnlySpan<byte> path, OpenFlags flags, uint mode = 0)
    {
        var errno = TryOpenBeneath(root, path, flags, mode, out var handle);
        return errno == 0 ? handle! : throw Problem(errno, "open", path);
    }

    /// <summary>As <see cref="OpenBeneath"/>; gives the error number, or 0, where failing is an expected outcome.</summary>
    public static int TryOpenBeneath(SafeFileHandle root, ReadOnlySpan<byte> path, OpenFlags flags, uint mode, out SafeFileHandle? handle)
    {
        if (path.Length < PathMax)
        {
            return TryOpenShort(root, path, flags, mode, out handle);
        }

        // Trees may be deeper than the kernel takes in one call: go down by pieces, each below the last.
        SafeFileHandle? step = null;
        try
        {
            while (path.Length >= PathMax)
            {
                var cut = path[..(PathMax - 1)].LastIndexOf((byte)'/');
                if (cut <= 0)
                {
                    handle = null;
                    return Errno.ENAMETOOLONG;
                }

                var errno = TryOpenShort(step ?? root, path[..cut], OpenFlags.PathOnly | OpenFlags.Directory, 0, out var next);
                step?.Dispose();
                step = next;
                if (errno != 0)
                {
                    handle = null;
                    return errno;
                }

                path = path[(cut + 1)..];
            }

            return TryOpenShort(step ?? root, path, flags, mode, out handle);
        }
        finally
        {
            step?.Dispose();
        }
    }

    private static unsafe int TryOpenShort(SafeFileHandle root, ReadOnlySpan<byte> path, OpenFlags flags, uint mode, out SafeFileHandle? handle)
    {
        Span<byte> buffer = stackalloc byte[PathMax];
        fixed (byte* p = Terminated(path.IsEmpty ? "."u8 : path, buffer))
        {
            var how = new OpenHow
            {
                Flags = (uint)(Native(flags | OpenFlags.NoFollow) | CloseOnExec),
                Mode = mode,
                Resolve = ResolveBeneath | ResolveNoSymlinks | ResolveNoXdev | ResolveNoMagicLinks,
            };
            while (true)
            {
                var number = Syscall(437, root, p, &how, sizeof(OpenHow));
                if (number >= 0)
                {
                    handle = new SafeFileHandle(number, ownsHandle: true);
                    return 0;
                }

                // EAGAIN: something was renamed meanwhile and the kernel could not prove that we stayed below.
                var errno = Marshal.GetLastPInvokeError();
                if (errno is Errno.EAGAIN or Errno.EINTR)
                {
                    continue;
                }

                handle = null;
                return errno;
            }
        }
    }

    private static SafeFileHandle Own(nint number, string verb, ReadOnlySpan<byte> path)
    {
        _ = Check(number, verb, path);
        return new SafeFileHandle(number, ownsHandle: true);
    }

    private static int Native(OpenFlags flags)
    {
        var native = (int)flags & 0x0FFFFFFF;
        native |= flags.HasFlag(OpenFlags.Directory) ? (Arm ? 0x4000 : 0x10000) : 0;
        native |= flags.HasFlag(OpenFlags.NoFollow) ? (Arm ? 0x8000 : 0x20000) : 0;
        native |= flags.HasFlag(OpenFlags.Direct) ? (Arm ? 0x10000 : 0x4000) : 0;
        return native;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static unsafe partial nint Syscall(nint number, SafeFileHandle a, byte* b, void* c, nint d);
}
