using Muster.Core.Objects;
using Muster.Protocol.Agent;

namespace Muster.Server.Machines;

/// <summary>What an agent is told follows from what is wanted; nothing else makes an order.</summary>
internal static class MachineOrder
{
    public static Order Of(Installation installation, MachineRow machine) => new(
        installation.Id,
        installation.Epoch,
        machine.OrderNumber,
        [machine.ImageDigest is { } image ? new OrderStep("keep", new Digest(image), machine.ImageName, machine.ModeNow) : new OrderStep("forget", null, null, null)]);
}
