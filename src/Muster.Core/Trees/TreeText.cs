using System.Buffers;
using System.Globalization;
using System.Text;

namespace Muster.Core.Trees;

/// <summary>Shows bytes of names to people, without losing one and without obeying control characters in them.</summary>
public static class TreeText
{
    /// <summary>Valid UTF-8 as it is; control characters, bidirectional overrides, backslash and other bytes as <c>\n</c>, <c>\t</c>, <c>\\</c>, <c>\xE9</c>.</summary>
    public static string Show(ReadOnlySpan<byte> bytes)
    {
        var shown = new StringBuilder(bytes.Length);
        Span<char> chars = stackalloc char[2];
        while (!bytes.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(bytes, out var rune, out var consumed);
            if (status == OperationStatus.Done && !Rune.IsControl(rune) && !IsUnseen(rune) && rune.Value != '\\')
            {
                shown.Append(chars[..rune.EncodeToUtf16(chars)]);
            }
            else
            {
                Escape(shown, bytes[..consumed]);
            }

            bytes = bytes[consumed..];
        }

        return shown.ToString();
    }

    private static void Escape(StringBuilder shown, ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
        {
            _ = one switch
            {
                (byte)'\n' => shown.Append("\\n"),
                (byte)'\t' => shown.Append("\\t"),
                (byte)'\r' => shown.Append("\\r"),
                (byte)'\\' => shown.Append("\\\\"),
                _ => shown.Append("\\x").Append(one.ToString("X2", CultureInfo.InvariantCulture)),
            };
        }
    }

    // Direction overrides and invisible marks can make one name look like another.
    private static bool IsUnseen(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
