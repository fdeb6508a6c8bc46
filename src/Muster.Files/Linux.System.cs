using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Muster.Files;

/// <summary>Room and kind of a file system. <see cref="Magic"/> as in statfs(2).</summary>
public readonly record struct FileSystemRoom(long Magic, long TotalBytes, long FreeBytes, long FreeInodes)
{
    public bool IsOverlay => Magic == 0x794c7630;
}

public static partial class Linux
{
    [StructLayout(LayoutKind.Sequential, Size = 120)]
    private struct StatFs
    {
        public long Type, BlockSize, Blocks, BlocksFree, BlocksAvailable, Files, FilesFree;
    }

    public static unsafe FileSystemRoom RoomOf(SafeFileHandle any)
    {
        StatFs raw;
        _ = Check(fstatfs(any, &raw), "ask for the room of", []);
        return new FileSystemRoom(raw.Type, raw.Blocks * raw.BlockSize, raw.BlocksAvailable * raw.BlockSize, raw.FilesFree);
    }

    /// <summary>Takes the lock that says "mine" on an open file or directory; false if another process holds it. Given back when the handle closes.</summary>
    public static bool TryLock(SafeFileHandle handle)
    {
        const int exclusive = 2, dontWait = 4;
        return flock(handle, exclusive | dontWait) == 0
            || (Marshal.GetLastPInvokeError() == Errno.EAGAIN ? false : throw Problem(Marshal.GetLastPInvokeError(), "lock", []));
    }

    /// <summary>Lets the calling thread use the disk only when nobody else wants it.</summary>
    public static void UseDiskWhenIdle() => SetIoPriority(3 << 13);

    /// <summary>Lets the calling thread use the disk as threads usually do.</summary>
    public static void UseDiskNormally() => SetIoPriority(0);

    /// <summary>Lets native allocations of all threads share one arena: a little slower where many allocate at once, and much smaller.</summary>
    public static void ShareArena() => _ = mallopt(-8, 1);

    /// <summary>Collects what is not used any more, and gives all free memory back to the system.</summary>
    public static void GiveMemoryBack()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _ = malloc_trim(0);
    }

    // Refused only in odd sandboxes, where going on at normal priority is right.
    private static void SetIoPriority(int priority) => _ = Syscall(Arm ? 30 : 251, 1, 0, priority);

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint spared);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int fstatfs(SafeFileHandle handle, StatFs* room);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle handle, int operation);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, nint a, nint b, nint c);
}
