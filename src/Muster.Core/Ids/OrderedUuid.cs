using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Muster.Core.Ids;

/// <summary>
/// UUIDv7 (RFC 9562) that this process makes in strictly rising order: 48 bits of milliseconds, then 12 bits that count on within a
/// millisecond (section 6.2, method 3), then 62 random bits. Events of one transaction are numbered in the order of their ids, and
/// several fit into a millisecond. A clock that is set back holds the order, not the time.
/// </summary>
internal static class OrderedUuid
{
    // Of each clock its own, or a moved clock of one test would be everybody's.
    private static readonly ConditionalWeakTable<TimeProvider, StrongBox<long>> Newest = [];

    public static Guid New(TimeProvider time)
    {
        var ticks = Math.Max(0, time.GetUtcNow().Ticks - DateTimeOffset.UnixEpoch.Ticks);
        var (milliseconds, rest) = Math.DivRem(ticks, TimeSpan.TicksPerMillisecond);
        var stamp = Raise(Newest.GetValue(time, static _ => new StrongBox<long>()), (milliseconds << 12) | (rest * 4096 / TimeSpan.TicksPerMillisecond));

        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes[8..]);
        BinaryPrimitives.WriteInt64BigEndian(bytes, (stamp >> 12 << 16) | 0x7000 | (stamp & 0xFFF));
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    private static long Raise(StrongBox<long> newest, long stamp)
    {
        while (true)
        {
            var last = Volatile.Read(ref newest.Value);
            var next = Math.Max(stamp, last + 1);
            if (Interlocked.CompareExchange(ref newest.Value, next, last) == last)
            {
                return next;
            }
        }
    }
}
