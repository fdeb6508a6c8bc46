using Muster.Core.Objects;
using Muster.Protocol.Machines;
using Muster.Protocol.Operations;

namespace Muster.Server.Machines;

/// <summary>A machine as it lies in the table: wanted beside seen.</summary>
internal sealed record MachineRow
{
    public required OrganisationId Organisation { get; init; }

    public required MachineId Id { get; init; }

    public required string Name { get; init; }

    public required string Mode { get; init; }

    public ImageId? RequiredImage { get; init; }

    public string? ImageName { get; init; }

    public byte[]? ImageDigest { get; init; }

    /// <summary>Digest of the tree that a machine in sync has.</summary>
    public byte[]? WantedTree { get; init; }

    /// <summary>Grows with every change that a person makes.</summary>
    public required long Version { get; init; }

    /// <summary>Grows with every change of what the agent is told.</summary>
    public required long OrderNumber { get; init; }

    public required DateTimeOffset WantedAt { get; init; }

    public required string Host { get; init; }

    public required DateTimeOffset Joined { get; init; }

    public string? Facts { get; init; }

    public string? AgentVersion { get; init; }

    public string? Address { get; init; }

    public required string Link { get; init; }

    /// <summary>The server that its agent talks to, or talked to last; null before it was known.</summary>
    public string? Server { get; init; }

    public required string State { get; init; }

    public required string Why { get; init; }

    public byte[]? Tree { get; init; }

    public required long SeenOrder { get; init; }

    public required long Entries { get; init; }

    public required long Files { get; init; }

    public required long Bytes { get; init; }

    public required long Missing { get; init; }

    public required long Extra { get; init; }

    public required long Changed { get; init; }

    public string? LastUpdate { get; init; }

    public DateTimeOffset? SeenAt { get; init; }

    public long Conditions { get; init; }

    public long Worst { get; init; }

    public object? SortKey { get; init; }

    public ObjectName ObjectName => new("machine", Id.ToString(), Name);

    public ObjectName? Image => RequiredImage is { } image ? new ObjectName("image", image.ToString(), ImageName!) : null;

    public MachineMode ModeNow => Words.Parse<MachineMode>(Mode);

    public MachineState StateNow => Words.Parse<MachineState>(State);

    public MachineLink LinkNow => Words.Parse<MachineLink>(Link);

    public Digest? TreeDigest => Tree is null ? null : new Digest(Tree);
}
