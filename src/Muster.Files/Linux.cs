using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Problems;
using Muster.Core.Trees;

[module: SkipLocalsInit]

namespace Muster.Files;

/// <summary>
/// The system calls Muster makes on trees. Names and paths are bytes, and every path is resolved below a directory
/// that the caller holds open, so a tree that changes under our feet, or was built to mislead us, cannot lead outside.
/// A failed call becomes a <see cref="ProblemException"/> that names the path; <see cref="Errno.Of"/> tells which one it was.
/// </summary>
/// <remarks>The layouts and numbers are those of 64-bit Linux on x64 and arm64; both are little-endian.</remarks>
public static partial class Linux
{
    /// <summary>The longest path the kernel takes in one call, with its closing zero.</summary>
    public const int PathMax = 4096;

    /// <summary>The longest name of a directory entry.</summary>
    public const int NameMax = 255;

    internal static bool Arm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>Copies a path into <paramref name="buffer"/> with the zero that the kernel wants at its end.</summary>
    private static ReadOnlySpan<byte> Terminated(ReadOnlySpan<byte> path, Span<byte> buffer)
    {
        if (path.Contains((byte)0))
        {
            throw new ProblemException(ProblemKind.Invalid, "file.name", $"the path {Show(path)} contains a zero byte");
        }

        if (path.Length >= buffer.Length)
        {
            throw Problem(Errno.ENAMETOOLONG, "use", path);
        }

        path.CopyTo(buffer);
        buffer[path.Length] = 0;
        return buffer[..(path.Length + 1)];
    }

    private static unsafe long Check(long result, string verb, ReadOnlySpan<byte> path)
        => result >= 0 ? result : throw Problem(Marshal.GetLastPInvokeError(), verb, path);

    internal static ProblemException Problem(int errno, string verb, ReadOnlySpan<byte> path)
        => Errno.Problem(errno, verb, Show(path));

    internal static string Show(ReadOnlySpan<byte> path) => path.IsEmpty ? "an open file" : TreeText.Show(path);

    /// <summary>A path through /proc that names an entry of an open directory, for the calls that take no descriptor.</summary>
    private static unsafe int ProcPath(SafeFileHandle handle, ReadOnlySpan<byte> name, Span<byte> buffer)
    {
        "/proc/self/fd/"u8.CopyTo(buffer);
        var length = 14;
        _ = System.Buffers.Text.Utf8Formatter.TryFormat((int)handle.DangerousGetHandle(), buffer[length..], out var written);
        length += written;
        if (!name.IsEmpty)
        {
            if (name.Contains((byte)0) || name.Length + length + 2 > buffer.Length)
            {
                throw Problem(Errno.EINVAL, "use", name);
            }

            buffer[length++] = (byte)'/';
            name.CopyTo(buffer[length..]);
            length += name.Length;
        }

        buffer[length] = 0;
        return length;
    }

    // Every call that glibc or musl may lack a wrapper for goes through syscall(2).
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static unsafe partial nint Syscall(nint number, nint a, void* b, nint c, nint d, void* e);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static unsafe partial nint Syscall(nint number, nint a, void* b, nint c, void* d, nint e);
}
