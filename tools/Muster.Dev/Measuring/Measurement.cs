using System.Globalization;

namespace Muster.Dev;

/// <summary>One line of the report: what was measured, by which command, what was aimed for and what the best known system needs.</summary>
internal sealed record Measurement(string What, string Command, string Aim, string BestKnown, string Unit)
{
    private readonly List<double> _values = [];

    public void Add(double value) => _values.Add(value);

    public string Line()
    {
        if (_values.Count == 0)
        {
            return $"| {What} | `{Command}` | {Aim} | {BestKnown} | not measured | |";
        }

        var sorted = _values.Order().ToList();
        return $"| {What} | `{Command}` | {Aim} | {BestKnown} | **{Show(At(sorted, 0.5))}** | {Show(sorted[0])} to {Show(sorted[^1])}, p95 {Show(At(sorted, 0.95))}, n = {sorted.Count} |";
    }

    private string Show(double value) => $"{value.ToString(value < 10 ? "0.##" : "0.#", CultureInfo.InvariantCulture)} {Unit}";

    private static double At(List<double> sorted, double share) => sorted[(int)Math.Min(sorted.Count - 1, Math.Floor(share * sorted.Count))];
}
