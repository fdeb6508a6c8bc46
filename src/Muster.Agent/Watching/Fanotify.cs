using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Muster.Files;

namespace Muster.Agent.Watching;

/// <summary>
/// The kernel's news of changes to one file system, as fanotify(7) gives them: event masks, processes, directory handles and
/// names. What a handle means now is for <see cref="DirectoryPaths"/> to say.
/// </summary>
internal sealed partial class Fanotify : IDisposable
{
    public const ulong Modify = 0x2, Attributes = 0x4, CloseWrite = 0x8, Create = 0x100, Delete = 0x200, Overflow = 0x4000,
        Rename = 0x10000000, OnDirectory = 0x40000000;

    private const uint NotifyOnly = 0, CloseOnExec = 1, NonBlocking = 2, UnlimitedQueue = 0x10, ReportDirectory = 0x400, ReportName = 0x800;
    private const uint MarkAdd = 1, MarkFileSystem = 0x100;
    private const int NameRecord = 2, DirectoryRecord = 3, OldNameRecord = 10, NewNameRecord = 12;

    private readonly SafeFileHandle events;
    private readonly SafeFileHandle wake;
    private readonly byte[] buffer = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);

    private Fanotify(SafeFileHandle events, SafeFileHandle wake)
    {
        this.events = events;
        this.wake = wake;
    }

    /// <summary>Begins to watch the file system that <paramref name="root"/> lies on. Gives the error number, or 0.</summary>
    public static int TryOpen(SafeFileHandle root, out Fanotify? watching)
    {
        watching = null;
        var number = fanotify_init(NotifyOnly | CloseOnExec | NonBlocking | UnlimitedQueue | ReportDirectory | ReportName, 0x80000);
        if (number < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        var events = new SafeFileHandle(number, ownsHandle: true);
        const ulong mask = Modify | Attributes | CloseWrite | Create | Delete | Rename | OnDirectory;
        if (fanotify_mark(events, MarkAdd | MarkFileSystem, mask, root, 0) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            events.Dispose();
            return errno;
        }

        watching = new Fanotify(events, new SafeFileHandle(eventfd(0, 0x80000), ownsHandle: true));
        return 0;
    }

    /// <summary>Waits for news, for <see cref="Stop"/>, or until the time is over. False after <see cref="Stop"/>.</summary>
    public unsafe bool Wait(int milliseconds)
    {
        const short input = 1;
        var polled = stackalloc PollRequest[2];
        polled[0] = new PollRequest { Descriptor = (int)events.DangerousGetHandle(), Events = input };
        polled[1] = new PollRequest { Descriptor = (int)wake.DangerousGetHandle(), Events = input };
        _ = poll(polled, 2, milliseconds);
        return polled[1].Returned == 0;
    }

    /// <summary>Lets <see cref="Wait"/> return, now and from now on.</summary>
    public unsafe void Stop()
    {
        ulong one = 1;
        _ = write(wake, &one, sizeof(ulong));
    }

    /// <summary>What the kernel has for us, in its order; empty if nothing. Valid until the next call.</summary>
    public unsafe ReadOnlySpan<byte> Read()
    {
        fixed (byte* p = buffer)
        {
            var length = read(events, p, buffer.Length);
            return length > 0 ? buffer.AsSpan(0, (int)length) : [];
        }
    }

    public void Dispose()
    {
        events.Dispose();
        wake.Dispose();
    }

    /// <summary>One event: what, by whom, and up to two places (a rename has an old and a new one).</summary>
    public ref struct Event
    {
        public ulong Mask;
        public int Process;
        public Place At;
        public Place Old;
        public Place New;

        /// <summary>Takes the first event off <paramref name="rest"/>; false at the end, or where the rest makes no sense.</summary>
        public static bool TryTake(ref ReadOnlySpan<byte> rest, out Event taken)
        {
            taken = default;
            if (rest.Length < 24 || BinaryPrimitives.ReadInt32LittleEndian(rest) is var length && (length < 24 || length > rest.Length) || rest[4] != 3)
            {
                return false;
            }

            taken.Mask = BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]);
            taken.Process = BinaryPrimitives.ReadInt32LittleEndian(rest[20..]);
            var records = rest[BinaryPrimitives.ReadUInt16LittleEndian(rest[6..])..length];
            rest = rest[length..];
            while (records.Length >= 4 && BinaryPrimitives.ReadUInt16LittleEndian(records[2..]) is var size && size >= 4 && size <= records.Length)
            {
                var place = Place.Parse(records[4..size]);
                switch (records[0])
                {
                    case NameRecord or DirectoryRecord:
                        taken.At = place;
                        break;
                    case OldNameRecord:
                        taken.Old = place;
                        break;
                    case NewNameRecord:
                        taken.New = place;
                        break;
                }

                records = records[size..];
            }

            return true;
        }
    }

    /// <summary>A directory, as the file handle that names its inode for ever, and a name in it ("." for itself).</summary>
    public ref struct Place
    {
        /// <summary>struct file_handle: length, type, bytes.</summary>
        public ReadOnlySpan<byte> Handle;
        public ReadOnlySpan<byte> Name;

        // fsid (8), handle_bytes (4), handle_type (4), handle, name with zero
        internal static Place Parse(ReadOnlySpan<byte> record)
        {
            if (record.Length < 16 || BinaryPrimitives.ReadInt32LittleEndian(record[8..]) is var bytes && (bytes < 0 || bytes > record.Length - 16))
            {
                return default;
            }

            var name = record[(16 + bytes)..];
            var end = name.IndexOf((byte)0);
            return new Place { Handle = record[8..(16 + bytes)], Name = end < 0 ? name : name[..end] };
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fanotify_init(uint flags, uint eventFlags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fanotify_mark(SafeFileHandle group, uint flags, ulong mask, SafeFileHandle directory, nint path);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint value, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int poll(PollRequest* requests, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint read(SafeFileHandle file, void* buffer, nint size);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint write(SafeFileHandle file, void* buffer, nint size);
}
