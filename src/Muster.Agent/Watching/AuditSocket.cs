using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Muster.Agent.Watching;

/// <summary>A netlink socket to the kernel's audit system: either the records everybody may hear, or questions and orders.</summary>
internal sealed partial class AuditSocket : IDisposable
{
    public const ushort Get = 1000, Set = 1001, AddRule = 1011, DeleteRule = 1012, ListRules = 1013;
    public const ushort Syscall = 1300, WorkingDirectory = 1307, EndOfEvent = 1320, Title = 1327, PathRecord = 1302;

    private const int NetlinkFamily = 16, AuditProtocol = 9, Raw = 3, CloseOnExec = 0x80000, NetlinkOption = 270, AddMembership = 1;
    private const int SocketLevel = 1, ReceiveBufferForced = 33, ReceiveTimeout = 20, ReadLogGroup = 1, NoRoom = 105;

    // The kernel answers at once, and from a busy one it takes moments: an answer that is not here by then was lost.
    private const long MostSeconds = 5;
    private const ushort Lost = 0, ErrorMessage = 2, DoneMessage = 3;
    private const int HeaderSize = 16, MaxMessage = 16 * 1024;

    private readonly SafeFileHandle socket;
    private readonly SafeFileHandle wake;
    private readonly byte[] buffer = GC.AllocateUninitializedArray<byte>(MaxMessage, pinned: true);
    private uint sequence;

    private AuditSocket(SafeFileHandle socket)
    {
        this.socket = socket;
        wake = new SafeFileHandle(eventfd(0, CloseOnExec), ownsHandle: true);
    }

    /// <summary>Opens a socket for questions and orders, or for listening. Gives the error number, or 0.</summary>
    public static unsafe int TryOpen(bool listening, out AuditSocket? opened)
    {
        opened = null;
        var number = socket_(NetlinkFamily, Raw | CloseOnExec, AuditProtocol);
        if (number < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        var handle = new SafeFileHandle(number, ownsHandle: true);
        var address = stackalloc byte[12];
        new Span<byte>(address, 12).Clear();
        address[0] = NetlinkFamily;
        int group = ReadLogGroup, room = 32 * 1024 * 1024;
        if (bind(handle, address, 12) != 0
            || (listening && setsockopt(handle, NetlinkOption, AddMembership, &group, sizeof(int)) != 0))
        {
            var errno = Marshal.GetLastPInvokeError();
            handle.Dispose();
            return errno;
        }

        var patience = stackalloc long[2];
        (patience[0], patience[1]) = (MostSeconds, 0);
        if (!listening && setsockopt(handle, SocketLevel, ReceiveTimeout, patience, 2 * sizeof(long)) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            handle.Dispose();
            return errno;
        }

        // A burst of records must not be lost while we look something up; refused without CAP_NET_ADMIN, which is no harm.
        _ = setsockopt(handle, SocketLevel, ReceiveBufferForced, &room, sizeof(int));
        opened = new AuditSocket(handle);
        return 0;
    }

    /// <summary>Waits for the next message; its type and text. False after <see cref="Stop"/>. A type of 0 means that records were lost.</summary>
    public unsafe bool TryReceive(out ushort type, out ReadOnlySpan<byte> payload)
    {
        const short input = 1;
        type = 0;
        payload = default;
        var polled = stackalloc PollRequest[2];
        polled[0] = new PollRequest { Descriptor = (int)socket.DangerousGetHandle(), Events = input };
        polled[1] = new PollRequest { Descriptor = (int)wake.DangerousGetHandle(), Events = input };
        _ = poll(polled, 2, -1);
        return polled[1].Returned == 0 && (polled[0].Returned == 0 || Receive(out type, out payload));
    }

    public unsafe void Stop()
    {
        ulong one = 1;
        _ = write(wake, &one, sizeof(ulong));
    }

    /// <summary>Sends one message and gives the answers up to the kernel's acknowledgement; the error number, or 0, is its verdict.</summary>
    public int Ask(ushort type, ReadOnlySpan<byte> payload, List<byte[]>? answers = null)
    {
        const ushort request = 1, acknowledge = 4;
        var message = new byte[HeaderSize + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), type);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(6), request | acknowledge);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), ++sequence);
        payload.CopyTo(message.AsSpan(HeaderSize));
        if (!Send(message))
        {
            return Marshal.GetLastPInvokeError();
        }

        // The kernel acknowledges at once and answers from a thread of its own, so either may come first.
        var missing = type switch { Get => 1, ListRules => int.MaxValue, _ => 0 };
        for (var acknowledged = false; !acknowledged || missing > 0;)
        {
            if (!Receive(out var answer, out var body))
            {
                return Marshal.GetLastPInvokeError();
            }

            switch (answer)
            {
                case Lost:
                    // Among what was lost may be the last answer, for which we would wait in vain.
                    return NoRoom;
                case ErrorMessage when body.Length >= 4:
                    if (-BinaryPrimitives.ReadInt32LittleEndian(body) is var errno and not 0)
                    {
                        return errno;
                    }

                    acknowledged = true;
                    break;
                case DoneMessage:
                    missing = 0;
                    break;
                default:
                    missing--;
                    answers?.Add(body.ToArray());
                    break;
            }
        }

        return 0;
    }

    public void Dispose()
    {
        socket.Dispose();
        wake.Dispose();
    }

    private unsafe bool Receive(out ushort type, out ReadOnlySpan<byte> payload)
    {
        type = Lost;
        payload = default;
        fixed (byte* p = buffer)
        {
            nint length;
            do
            {
                length = recv(socket, p, buffer.Length, 0);
            }
            while (length < 0 && Marshal.GetLastPInvokeError() == Muster.Files.Errno.EINTR);
            if (length < 0)
            {
                // The kernel dropped records because we were too slow.
                return Marshal.GetLastPInvokeError() == NoRoom;
            }

            if (length >= HeaderSize)
            {
                // The kernel's audit records give a length with or without the header, so the datagram's own length counts.
                type = BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(4));
                payload = buffer.AsSpan(HeaderSize, (int)length - HeaderSize);
            }

            return true;
        }
    }

    private unsafe bool Send(byte[] message)
    {
        fixed (byte* p = message)
        {
            return send(socket, p, message.Length, 0) == message.Length;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int socket_(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int bind(SafeFileHandle socket, byte* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int setsockopt(SafeFileHandle socket, int level, int option, void* value, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint recv(SafeFileHandle socket, byte* buffer, nint size, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint send(SafeFileHandle socket, byte* buffer, nint size, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint value, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int poll(PollRequest* requests, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint write(SafeFileHandle file, void* buffer, nint size);
}
