using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Muster.Files;
using Muster.Protocol.Machines;

namespace Muster.Agent;

/// <summary>What <c>muster-agent status</c> shows: written by the running agent when something changed.</summary>
internal sealed record AgentStatus(
    string Server, MachineId Machine, string Name, bool Connected, string State, string? Why, string? Image, long Order,
    bool Events, bool Culprits, IReadOnlyList<ConditionDetails> Conditions, DateTimeOffset CertificateUntil, int Process, DateTimeOffset At)
{
    private static ReadOnlySpan<byte> FileName => "status.json"u8;

    public void Save(SafeFileHandle state) => AtomicFile.Write(state, FileName, JsonSerializer.SerializeToUtf8Bytes(this, AgentJson.Default.AgentStatus), 0x1A4 /* 0644 */);

    public static AgentStatus? Load(SafeFileHandle state) =>
        AtomicFile.Read(state, FileName, 1 << 20) is { } bytes ? JsonSerializer.Deserialize(bytes, AgentJson.Default.AgentStatus) : null;
}
