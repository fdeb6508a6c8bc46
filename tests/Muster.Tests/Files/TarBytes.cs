using System.Text;

namespace Muster.Tests.Files;

/// <summary>Writes archives that no honest program would.</summary>
internal sealed class TarBytes
{
    private readonly List<byte> written = [];

    public TarBytes File(string name, string content) => Add(name, '0', content: Encoding.Latin1.GetBytes(content));

    /// <summary>Records that say something of the next member.</summary>
    public TarBytes Pax(params string[] records) => Add("pax", 'x', content: Encoding.Latin1.GetBytes(string.Concat(records.Select(Record))));

    public TarBytes Add(string name, char type, string link = "", byte[]? content = null, int major = 0, int minor = 0)
    {
        var block = new byte[512];
        Encoding.Latin1.GetBytes(name, block.AsSpan(0, 100));
        Octal(block, 100, 8, 0x1A4);
        Octal(block, 108, 8, 0);
        Octal(block, 116, 8, 0);
        Octal(block, 124, 12, content?.Length ?? 0);
        Octal(block, 136, 12, 1_700_000_000);
        block[156] = (byte)type;
        Encoding.Latin1.GetBytes(link, block.AsSpan(157, 100));
        "ustar\u000000"u8.CopyTo(block.AsSpan(257));
        Octal(block, 329, 8, major);
        Octal(block, 337, 8, minor);
        written.AddRange(Sum(block));
        written.AddRange(content ?? []);
        written.AddRange(new byte[-(content?.Length ?? 0) & 511]);
        return this;
    }

    public byte[] End() => [.. written, .. new byte[1024]];

    /// <summary>Makes the checksum of the first header right again.</summary>
    public static byte[] Sum(byte[] bytes)
    {
        bytes.AsSpan(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var one in bytes.AsSpan(0, 512))
        {
            sum += one;
        }

        Octal(bytes, 148, 7, sum);
        return bytes;
    }

    // The length counts itself.
    private static string Record(string text)
    {
        var length = text.Length + 2;
        while ($"{length} {text}\n".Length != length)
        {
            length = $"{length} {text}\n".Length;
        }

        return $"{length} {text}\n";
    }

    private static void Octal(byte[] block, int at, int length, long value)
        => Encoding.ASCII.GetBytes(Convert.ToString(value, 8).PadLeft(length - 1, '0')).CopyTo(block, at);
}
