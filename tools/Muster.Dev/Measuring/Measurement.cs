using System.Globalization;

namespace Muster.Dev;

/// <summary>One line of the report: what was measured, by which command, what was aimed for and what the best known system needs.</summary>
/// <param name="How">What somebody would type to see the same.</param>
internal sealed record Measurement(string What, string How, string Aim, string BestKnown, string Unit)
{
    private readonly List<double> _values = [];

    public void Add(double value) => _values.Add(value);

    public string Line()
    {
        var how = How.Replace("|", "\\|", StringComparison.Ordinal);
        if (_values.Count == 0)
        {
            return $"| {What} | `{how}` | {Aim} | {BestKnown} | not measured | | |";
        }

        var sorted = _values.Order().ToList();
        return $"| {What} | `{how}` | {Aim} | {BestKnown} | **{Show(At(sorted, 0.5))}** | {Show(At(sorted, 0.95))} | {Show(sorted[0])} to {Show(sorted[^1])}, n = {sorted.Count} |";
    }

    private string Show(double value) => $"{value.ToString(value < 1 ? "0.###" : value < 10 ? "0.##" : "0.#", CultureInfo.InvariantCulture)} {Unit}";

    // Of few values the worst: a percentile must not look better than what was seen.
    private static double At(List<double> sorted, double share) => sorted[(int)Math.Min(sorted.Count - 1, Math.Floor(share * sorted.Count))];
}
