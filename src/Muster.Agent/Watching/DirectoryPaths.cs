using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Agent.Watching;

/// <summary>
/// Says which path below the root a directory handle means. Remembers answers and forgets them when a directory is moved or
/// removed, so a remembered answer is at least as new as the event that asks. Used by the watching thread alone.
/// </summary>
internal sealed partial class DirectoryPaths(SafeFileHandle root)
{
    private const int MaxKnown = 8192;
    private const int PathOnlyDirectory = 0x200000 | 0x80000;

    private readonly Dictionary<byte[], TreePath> known = new(ByteComparer.Instance);

    /// <summary>The directory's path, or null if it is gone or lies outside the root.</summary>
    public TreePath? Find(ReadOnlySpan<byte> handle)
    {
        var lookup = known.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (lookup.TryGetValue(handle, out var path))
        {
            return path;
        }

        if (Resolve(handle) is not { } found)
        {
            return null;
        }

        if (known.Count == MaxKnown)
        {
            known.Clear();
        }

        known[handle.ToArray()] = found;
        return found;
    }

    /// <summary>A directory of this path was moved away, removed, or has taken another's place.</summary>
    public void Forget(TreePath moved)
    {
        foreach (var (handle, path) in known)
        {
            if (path.IsWithin(moved))
            {
                known.Remove(handle);
            }
        }
    }

    /// <summary>True if this file system turns handles back into directories at all.</summary>
    public static unsafe bool CanResolve(SafeFileHandle root)
    {
        const int emptyPath = 0x1000, maxHandle = 128;
        var handle = stackalloc byte[8 + maxHandle];
        *(int*)handle = maxHandle;
        int mount;
        byte empty = 0;
        if (name_to_handle_at(root, &empty, handle, &mount, emptyPath) != 0)
        {
            return false;
        }

        using var opened = new SafeFileHandle(open_by_handle_at(root, handle, PathOnlyDirectory), ownsHandle: true);
        return !opened.IsInvalid;
    }

    private unsafe TreePath? Resolve(ReadOnlySpan<byte> handle)
    {
        SafeFileHandle opened;
        fixed (byte* p = handle)
        {
            opened = new SafeFileHandle(open_by_handle_at(root, p, PathOnlyDirectory), ownsHandle: true);
        }

        using (opened)
        {
            if (opened.IsInvalid || PathOf(opened) is not { } text || PathOf(root) is not { } rootText)
            {
                return null;
            }

            var inside = rootText.AsSpan().TrimEnd((byte)'/');
            if (!text.AsSpan().StartsWith(inside) || (text.Length > inside.Length && text[inside.Length] != '/'))
            {
                return null;
            }

            var below = text.AsSpan(inside.Length).TrimStart((byte)'/');
            if (!TreePath.IsValid(below))
            {
                return null;
            }

            // The kernel writes the path of a directory outside our mount, or of a removed one, much like one inside:
            // only what is found there again is believed.
            var errno = Linux.TryOpenBeneath(root, below, OpenFlags.PathOnly | OpenFlags.Directory, 0, out var again);
            using (again)
            {
                return errno == 0 && Linux.Stat(again!) is var a && Linux.Stat(opened) is var b && a.Inode == b.Inode && a.Device == b.Device
                    ? TreePath.FromBytes(below)
                    : null;
            }
        }
    }

    // Null for a path longer than a page, which the kernel does not tell: what changes down there is left to the verifying scan.
    private static unsafe byte[]? PathOf(SafeFileHandle handle)
    {
        const int size = 4096;
        var path = System.Text.Encoding.ASCII.GetBytes($"/proc/self/fd/{handle.DangerousGetHandle()}\0");
        var target = stackalloc byte[size];
        fixed (byte* p = path)
        {
            var length = readlink(p, target, size);
            GC.KeepAlive(handle);
            return length is > 0 and < size ? new ReadOnlySpan<byte>(target, (int)length).ToArray() : null;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int open_by_handle_at(SafeFileHandle mount, byte* handle, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int name_to_handle_at(SafeFileHandle directory, byte* path, byte* handle, int* mount, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint readlink(byte* path, byte* buffer, nint size);

    private sealed class ByteComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly ByteComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] bytes) => GetHashCode(bytes.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
