using System.Text.Json.Serialization;
using Muster.Agent.Identity;
using Muster.Core.Ids;
using Muster.Core.Json;
using Muster.Protocol.Agent;

namespace Muster.Agent;

/// <summary>What the agent writes for itself. What travels is in MusterJson.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(IdConverter<MachineKind>), typeof(IdConverter<DriftKind>), typeof(IdConverter<InstallationKind>)])]
[JsonSerializable(typeof(MachineIdentity))]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(DriftReport))]
[JsonSerializable(typeof(AgentStatus))]
[JsonSerializable(typeof(ServerFault))]
internal sealed partial class AgentJson : JsonSerializerContext;

/// <summary>A problem+json answer, as far as we read it.</summary>
internal sealed record ServerFault(string? Code, string? Title, string? Detail);
