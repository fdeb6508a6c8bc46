using System.Buffers;
using System.Buffers.Text;

namespace Muster.Agent.Watching;

/// <summary>
/// One line of the kernel's audit trail, such as <c>audit(1700000000.123:42): pid=7 comm="vi" exe=2F746D702F61</c>.
/// Its strings come from whoever did the deed: either quoted by the kernel, or in hexadecimal where they hold anything odd.
/// What does not look like that is not understood, never guessed at.
/// </summary>
internal readonly ref struct AuditRecord
{
    private const int MaxFields = 128;

    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789ABCDEF"u8);

    private readonly ReadOnlySpan<byte> fields;

    private AuditRecord(long serial, long milliseconds, ReadOnlySpan<byte> fields)
    {
        Serial = serial;
        Milliseconds = milliseconds;
        this.fields = fields;
    }

    /// <summary>The same for all records of one deed.</summary>
    public long Serial { get; }

    /// <summary>When, in milliseconds since 1970.</summary>
    public long Milliseconds { get; }

    public static bool TryParse(ReadOnlySpan<byte> text, out AuditRecord record)
    {
        record = default;
        var end = text.IndexOf("):"u8);
        if (!text.StartsWith("audit("u8) || end < 0)
        {
            return false;
        }

        var stamp = text[6..end];
        var rest = text[(end + 2)..];
        if (!Utf8Parser.TryParse(stamp, out long seconds, out var used) || used >= stamp.Length || stamp[used] != '.'
            || !Utf8Parser.TryParse(stamp = stamp[(used + 1)..], out int milliseconds, out used) || used >= stamp.Length || stamp[used] != ':'
            || !Utf8Parser.TryParse(stamp = stamp[(used + 1)..], out long serial, out used) || used != stamp.Length
            || seconds is < 0 or > 1L << 40 || milliseconds is < 0 or > 999)
        {
            return false;
        }

        var zero = rest.IndexOf((byte)0);
        record = new AuditRecord(serial, (seconds * 1000) + milliseconds, (zero < 0 ? rest : rest[..zero]).TrimEnd((byte)'\n'));
        return true;
    }

    /// <summary>A number, or null.</summary>
    public long? Number(ReadOnlySpan<byte> name)
        => Utf8Parser.TryParse(Raw(name), out long value, out var used) && used > 0 && used == Raw(name).Length ? value : null;

    /// <summary>The bytes of a string, or null where there is none (<c>(null)</c>, <c>(none)</c>) or it is not as the kernel writes it.</summary>
    public byte[]? Text(ReadOnlySpan<byte> name)
    {
        var raw = Raw(name);
        if (raw.Length >= 2 && raw[0] == '"' && raw[^1] == '"')
        {
            return raw[1..^1].ToArray();
        }

        return raw.IsEmpty || raw.Length % 2 != 0 || raw.ContainsAnyExcept(Digits) ? null : FromHex(raw);
    }

    /// <summary>True if a field has exactly this value as it stands.</summary>
    public bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Raw(name).SequenceEqual(value);

    private ReadOnlySpan<byte> Raw(ReadOnlySpan<byte> name)
    {
        var rest = fields;
        for (var field = 0; field < MaxFields && !rest.IsEmpty; field++)
        {
            rest = rest.TrimStart((byte)' ');
            var equals = rest.IndexOfAny((byte)'=', (byte)' ');
            if (equals < 0)
            {
                return default;
            }

            if (rest[equals] == ' ')
            {
                rest = rest[(equals + 1)..];
                continue;
            }

            var key = rest[..equals];
            rest = rest[(equals + 1)..];
            // The kernel writes anything with a quote in it in hexadecimal, so a quoted value ends at the next quote.
            var length = rest.StartsWith("\""u8) ? rest[1..].IndexOf((byte)'"') + 2 : rest.IndexOfAny((byte)' ', (byte)0x1D);
            length = length <= (rest.StartsWith("\""u8) ? 1 : -1) ? rest.Length : length;
            if (key.SequenceEqual(name))
            {
                return rest[..length];
            }

            rest = rest[length..];
        }

        return default;
    }

    private static byte[] FromHex(ReadOnlySpan<byte> digits)
    {
        var bytes = new byte[digits.Length / 2];
        for (var index = 0; index < bytes.Length; index++)
        {
            bytes[index] = (byte)((Nibble(digits[2 * index]) << 4) | Nibble(digits[(2 * index) + 1]));
        }

        return bytes;
    }

    private static int Nibble(byte digit) => digit <= '9' ? digit - '0' : digit - 'A' + 10;
}
