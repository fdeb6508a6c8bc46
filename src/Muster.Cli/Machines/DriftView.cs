using Muster.Cli.Showing;
using Muster.Protocol.Machines;

namespace Muster.Cli.Machines;

/// <summary>Drifts for people: what, by whom, and how quickly it was put right.</summary>
internal static class DriftView
{
    public static Table Make(IReadOnlyList<DriftDetails> items, DateTimeOffset now)
    {
        var table = new Table("WHEN", "MACHINE", "OUTCOME", "AFTER", "WHAT HAPPENED") { Nothing = "No drift." };
        foreach (var drift in items)
        {
            table.Add(Texts.Ago(drift.At, now), drift.MachineName, Outcome(drift.Outcome), Texts.Microseconds(drift.Microseconds), drift.Sentence);
        }

        return table;
    }

    public static Cell Outcome(string outcome) => outcome switch
    {
        "restored" => new Cell(outcome, Style.Good),
        "reported" => new Cell(outcome, Style.Busy),
        "war" => new Cell(outcome, Style.Warning),
        _ => new Cell(outcome, Style.Bad),
    };
}
