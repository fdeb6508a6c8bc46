using System.Globalization;
using System.Text;

namespace Muster.Cli.Showing;

/// <summary>One cell: text, and how it stands out.</summary>
internal readonly record struct Cell(string Text, Style Style = Style.None)
{
    public static implicit operator Cell(string? text) => new(text ?? "-");

    public static implicit operator Cell(long number) => new(number.ToString("N0", CultureInfo.InvariantCulture));
}

/// <summary>Columns of text as wide as they need; only in a terminal too narrow for them is the widest cut.</summary>
internal sealed class Table(params string[] heads)
{
    private const int Gap = 3, Narrowest = 12;

    private readonly List<Cell[]> rows = [];

    /// <summary>What is said instead of an empty table.</summary>
    public string Nothing { get; init; } = "Nothing to show.";

    public void Add(params Cell[] cells) => rows.Add(cells);

    public void Write(Output output)
    {
        if (rows.Count == 0)
        {
            output.Notes.Line(Nothing, Style.Faint);
            return;
        }

        var lines = rows.Select(row => row.Select(cell => cell with { Text = StyledWriter.Safe(cell.Text) }).ToArray()).ToList();
        var widths = Fit(lines, output.Width);
        WriteRow(output.Plain, [.. heads.Select(head => new Cell(head, Style.Faint))], widths);
        foreach (var line in lines)
        {
            WriteRow(output.Plain, line, widths);
        }
    }

    private int[] Fit(List<Cell[]> lines, int width)
    {
        var widths = heads.Select((head, column) => lines.Max(line => Columns(line[column].Text)) is var most ? Math.Max(Columns(head), most) : 0).ToArray();
        while (widths.Sum() + (Gap * (widths.Length - 1)) > width && widths.Max() > Narrowest)
        {
            widths[Array.IndexOf(widths, widths.Max())]--;
        }

        return widths;
    }

    private static void WriteRow(StyledWriter writer, Cell[] cells, int[] widths)
    {
        for (var column = 0; column < cells.Length; column++)
        {
            var text = Cut(cells[column].Text, widths[column]);
            writer.Text(text, cells[column].Style);
            if (column < cells.Length - 1)
            {
                writer.Text(new string(' ', widths[column] - Columns(text) + Gap));
            }
        }

        writer.Line();
    }

    private static string Cut(string text, int width)
    {
        if (Columns(text) <= width)
        {
            return text;
        }

        var kept = new StringBuilder();
        var used = 1;
        foreach (var rune in text.EnumerateRunes())
        {
            used += Columns(rune);
            if (used > width)
            {
                break;
            }

            kept.Append(rune);
        }

        return kept.Append('…').ToString();
    }

    private static int Columns(string text) => text.EnumerateRunes().Sum(Columns);

    private static int Columns(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark => 0,
        _ => rune.Value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF)
            or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6) or (>= 0x1F300 and <= 0x1FAFF) or (>= 0x20000 and <= 0x3FFFD) ? 2 : 1,
    };
}
