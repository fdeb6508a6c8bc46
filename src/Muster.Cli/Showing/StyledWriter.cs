using System.Text;

namespace Muster.Cli.Showing;

/// <summary>How a word stands out where the terminal has colours.</summary>
internal enum Style
{
    None,
    Strong,
    Faint,
    Good,
    Busy,
    Warning,
    Bad,
}

/// <summary>
/// Text for people. What comes from servers, images and machines may hold control characters that would obey somebody else
/// in the terminal; they are shown escaped.
/// </summary>
internal sealed class StyledWriter(TextWriter writer, bool color)
{
    public StyledWriter Text(string text, Style style = Style.None)
    {
        var safe = Safe(text);
        writer.Write(color && style != Style.None ? $"\e[{Code(style)}m{safe}\e[0m" : safe);
        return this;
    }

    public void Line(string text = "", Style style = Style.None)
    {
        Text(text, style);
        writer.Write('\n');
    }

    public static string Safe(string text)
    {
        var first = text.AsSpan().IndexOfAnyInRange('\0', '\x1f');
        if (first < 0 && !text.Any(NeedsEscape))
        {
            return text;
        }

        var safe = new StringBuilder(text.Length + 8);
        foreach (var letter in text)
        {
            _ = letter switch
            {
                '\n' => safe.Append("\\n"),
                '\t' => safe.Append("\\t"),
                _ when NeedsEscape(letter) => safe.Append($"\\u{(int)letter:X4}"),
                _ => safe.Append(letter),
            };
        }

        return safe.ToString();
    }

    private static bool NeedsEscape(char letter) => char.IsControl(letter)
        || char.GetUnicodeCategory(letter) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator;

    private static string Code(Style style) => style switch
    {
        Style.Strong => "1",
        Style.Faint => "2",
        Style.Good => "32",
        Style.Busy => "36",
        Style.Warning => "33",
        _ => "31",
    };
}
