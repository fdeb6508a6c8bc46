using Muster.Cli.Showing;
using Muster.Protocol.Machines;

namespace Muster.Cli.Machines;

/// <summary>States of machines as people read them.</summary>
internal static class MachineTexts
{
    public static Cell State(MachineState state) => state switch
    {
        MachineState.InSync => new Cell("in sync", Style.Good),
        MachineState.Drifted => new Cell("drifted", Style.Warning),
        MachineState.Planned => new Cell("planned", Style.Busy),
        MachineState.Fetching => new Cell("fetching", Style.Busy),
        MachineState.Updating => new Cell("updating", Style.Busy),
        MachineState.Failed => new Cell("failed", Style.Bad),
        MachineState.Refused => new Cell("refused", Style.Bad),
        _ => new Cell("unknown", Style.Faint),
    };

    public static Cell Link(MachineLink link) => link switch
    {
        MachineLink.Connected => new Cell("connected", Style.Good),
        MachineLink.Reconnecting => new Cell("reconnecting", Style.Warning),
        _ => new Cell("unreachable", Style.Bad),
    };

    public static string Mode(MachineMode mode) => mode == MachineMode.Image ? "image" : "monitor";

    public static Style Severity(string? severity) => severity switch
    {
        null => Style.None,
        "info" => Style.Busy,
        "warning" => Style.Warning,
        _ => Style.Bad,
    };
}
