using System.Globalization;
using Muster.Protocol.Machines;

namespace Muster.Server.Machines;

/// <summary>Says in one line why a machine is in its state, where its agent does not.</summary>
internal static class MachineWhy
{
    public static string Of(MachineState state, MachineRow machine) => state switch
    {
        MachineState.InSync => $"It is exactly like {machine.ImageName}.",
        MachineState.Drifted => Differences(machine) is var count and > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "path differs" : "paths differ")} from {machine.ImageName}.")
            : $"It differs from {machine.ImageName}.",
        MachineState.Planned => "It is told, and has not begun.",
        MachineState.Fetching => "It fetches what it lacks.",
        MachineState.Updating => "It puts files in place.",
        MachineState.Failed => "It could not become like its image.",
        MachineState.Refused => "It refuses what it is told.",
        _ => machine.RequiredImage is null ? "Nothing is wanted of it." : "It has not said yet.",
    };

    public static long Differences(MachineRow machine) => machine.Missing + machine.Extra + machine.Changed;
}
