using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Trees;

namespace Muster.Files;

public static partial class Linux
{
    private const int XattrMax = 64 * 1024;

    [ThreadStatic]
    private static byte[]? xattrNames;

    [ThreadStatic]
    private static byte[]? xattrValue;

    /// <summary>
    /// True for the attributes that are content of a tree. IMA and EVM sign the inode they are on, and overlayfs keeps its own
    /// book-keeping in trusted.overlay: copied elsewhere they would be wrong.
    /// </summary>
    public static bool IsManagedXattr(ReadOnlySpan<byte> name)
        => name.StartsWith("user."u8)
        || (name.StartsWith("security."u8) && !name.SequenceEqual("security.ima"u8) && !name.SequenceEqual("security.evm"u8))
        || name.SequenceEqual("system.posix_acl_access"u8) || name.SequenceEqual("system.posix_acl_default"u8)
        || (name.StartsWith("trusted."u8) && !name.StartsWith("trusted.overlay."u8));

    /// <summary>The managed extended attributes of an entry, sorted by name. An empty name is the handle itself. Links are not followed.</summary>
    public static unsafe Xattr[] ReadXattrs(SafeFileHandle directory, ReadOnlySpan<byte> name)
    {
        var names = xattrNames ??= new byte[XattrMax];
        Span<byte> path = stackalloc byte[NameMax + 64];
        _ = ProcPath(directory, name, path);
        nint length;
        fixed (byte* p = path)
        fixed (byte* list = names)
        {
            length = name.IsEmpty ? listxattr(p, list, XattrMax) : llistxattr(p, list, XattrMax);
        }

        if (length == 0)
        {
            return [];
        }

        if (length < 0)
        {
            return Marshal.GetLastPInvokeError() == Errno.EOPNOTSUPP ? [] : throw Problem(Marshal.GetLastPInvokeError(), "list the attributes of", name);
        }

        List<Xattr>? found = null;
        for (ReadOnlySpan<byte> rest = names.AsSpan(0, (int)length); !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)0);
            var one = rest[..end];
            if (IsManagedXattr(one) && ReadXattr(path, name, rest[..(end + 1)]) is { } value)
            {
                (found ??= []).Add(new Xattr(one.ToArray(), value));
            }

            rest = rest[(end + 1)..];
        }

        found?.Sort(static (a, b) => a.Name.AsSpan().SequenceCompareTo(b.Name));
        return found is null ? [] : [.. found];
    }

    private static unsafe byte[]? ReadXattr(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> xattr)
    {
        var value = xattrValue ??= new byte[XattrMax];
        fixed (byte* p = path)
        fixed (byte* x = xattr)
        fixed (byte* v = value)
        {
            var length = name.IsEmpty ? getxattr(p, x, v, XattrMax) : lgetxattr(p, x, v, XattrMax);
            return length >= 0 ? value.AsSpan(0, (int)length).ToArray()
                : Marshal.GetLastPInvokeError() == Errno.ENODATA ? null
                : throw Problem(Marshal.GetLastPInvokeError(), "read the attributes of", name);
        }
    }

    public static unsafe void SetXattr(SafeFileHandle directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> xattr, ReadOnlySpan<byte> value)
    {
        Span<byte> path = stackalloc byte[NameMax + 64];
        Span<byte> xattrBuffer = stackalloc byte[NameMax + 2];
        _ = ProcPath(directory, name, path);
        fixed (byte* p = path)
        fixed (byte* x = Terminated(xattr, xattrBuffer))
        fixed (byte* v = value)
        {
            var result = name.IsEmpty ? setxattr(p, x, v, value.Length, 0) : lsetxattr(p, x, v, value.Length, 0);
            _ = Check(result, $"set the attribute {TreeText.Show(xattr)} of", name);
        }
    }

    /// <summary>Removes an attribute; one that is not there is removed already.</summary>
    public static unsafe void RemoveXattr(SafeFileHandle directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> xattr)
    {
        Span<byte> path = stackalloc byte[NameMax + 64];
        Span<byte> xattrBuffer = stackalloc byte[NameMax + 2];
        _ = ProcPath(directory, name, path);
        fixed (byte* p = path)
        fixed (byte* x = Terminated(xattr, xattrBuffer))
        {
            var result = name.IsEmpty ? removexattr(p, x) : lremovexattr(p, x);
            if (result != 0 && Marshal.GetLastPInvokeError() != Errno.ENODATA)
            {
                throw Problem(Marshal.GetLastPInvokeError(), $"remove the attribute {TreeText.Show(xattr)} of", name);
            }
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint listxattr(byte* path, byte* list, nint size);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint llistxattr(byte* path, byte* list, nint size);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint getxattr(byte* path, byte* name, byte* value, nint size);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint lgetxattr(byte* path, byte* name, byte* value, nint size);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int setxattr(byte* path, byte* name, byte* value, nint size, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int lsetxattr(byte* path, byte* name, byte* value, nint size, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int removexattr(byte* path, byte* name);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int lremovexattr(byte* path, byte* name);
}
