using System.Collections;

namespace Muster.Cli.Showing;

/// <summary>Names and values below each other: what is known of one thing.</summary>
internal sealed class Facts : IEnumerable<string>
{
    private readonly List<(string Name, Cell Value)> lines = [];

    public void Add(string name, Cell value) => lines.Add((name, value));

    public void Write(StyledWriter to)
    {
        var width = lines.Max(line => line.Name.Length);
        foreach (var (name, value) in lines)
        {
            to.Text(StyledWriter.Safe(name).PadRight(width), Style.Faint).Text("   ").Line(value.Text, value.Style);
        }
    }

    public IEnumerator<string> GetEnumerator() => lines.Select(line => line.Name).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
