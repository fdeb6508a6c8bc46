using System.Text;
using System.Text.Json;
using Muster.Core.Objects;
using Muster.Core.Trees;
using Muster.Protocol;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;
using Muster.Server.Edge;
using Muster.Testing;

namespace Muster.Tests.Agent;

/// <summary>The bytes of <c>docs/formats/session.md</c>: whoever writes an agent or a server of their own can compare.</summary>
public sealed class SessionFormatTests
{
    private static readonly DateTimeOffset Time = new(2026, 11, 21, 8, 30, 0, 250, TimeSpan.Zero);
    private static readonly Digest Tree = Digest.Of("tree"u8);
    private static readonly MachineId Machine = MachineId.Parse("mch_0192f0c12d3e7a4b8c5d6e7f8091a2b4");
    private static readonly InstallationId Here = InstallationId.Parse("ins_0192f0c12d3e7a4b8c5d6e7f8091a2b5");

    private static readonly MachineFacts Facts = new(
        "web-1", "Debian GNU/Linux 12 (bookworm)", "6.12.0", "x64", 2, 8_000_000_000, "ext4", Events: true, Culprits: true, ["machine.3"], 1_000_000, 4_294_967_296);

    private static readonly Culprit Somebody = new(
        4711, "vim", "/usr/bin/vim.basic", "vim /etc/motd", "alice", "root", "session-3.scope", null, ["bash", "sudo", "sshd"], "both");

    [Fact]
    public void The_bytes_of_every_message_stay_as_they_are() => Golden.Match(
        string.Join('\n', FromAgents().Concat(FromServers()).Select(message => $"{message.GetType().Name}: {Wire(message)}")),
        "session.golden.txt");

    [Fact]
    public void A_server_reads_whatever_an_agent_writes() => Assert.All(FromAgents(), message =>
        Assert.Equal(Wire(message), JsonSerializer.Serialize(JsonSerializer.Deserialize(Wire(message), message.GetType(), WireJson.Options), message.GetType(), WireJson.Options)));

    [Fact]
    public void An_agent_reads_whatever_a_server_writes() => Assert.All(FromServers(), message =>
    {
        var written = JsonSerializer.Serialize(message, message.GetType(), WireJson.Options);
        Assert.Equal(Wire(message), written);
        Assert.Equal(written, Wire(JsonSerializer.Deserialize(written, message.GetType(), MusterJson.Default)!));
    });

    private static string Wire(object message) => JsonSerializer.Serialize(message, message.GetType(), MusterJson.Default);

    private static IEnumerable<object> FromAgents() =>
    [
        new JoinRequest(new Secret("msj_0123456789"), [0x30, 0x82], Facts),
        new RenewRequest([0x30, 0x82]),
        new Hello(Facts, "0.1.0", 1, 41),
        new Report(41, null, null, null, null, null, null, null, null),
        new Report(
            42, MachineState.InSync, Tree, new ReportCounts(31_924, 26_205, 1_343_000_000, 0, 0, 0), new AgentProgress("fetching", 12, 270, "objects", null),
            new UpdateDetails(42, 610_000, 870_000, 21_000, 238, 4_000_000, Time),
            [new ConditionDetails("clock.behind", "warning", "Clock is behind", "it says 1970", "Set the clock.", Time)],
            [
                new DriftReport(DriftId.Parse("drf_0192f0c12d3e7a4b8c5d6e7f8091a2b6"), TreePath.FromText("/etc/motd"), "changed", ["content", "time"], "restored", 14_200, "event", Somebody, Time),
                new DriftReport(DriftId.Parse("drf_0192f0c12d3e7a4b8c5d6e7f8091a2b7"), TreePath.FromText("/srv").Join([0xE9]), "created", [], "reported", null, "scan", null, Time),
            ],
            null),
        new GetObjects([$"directory:{Tree}", $"file:{Digest.Of("file"u8)}"]),
    ];

    private static IEnumerable<object> FromServers() =>
    [
        new JoinAnswer(Here, 1, Machine, "web-1", [Encoding.ASCII.GetBytes("leaf"), Encoding.ASCII.GetBytes("intermediate")], Encoding.ASCII.GetBytes("root"), Time),
        new RenewAnswer([Encoding.ASCII.GetBytes("leaf"), Encoding.ASCII.GetBytes("intermediate")]),
        new HelloAnswer(30, 1, Time),
        new Order(Here, 1, 42, [new OrderStep("keep", Digest.Of("image"u8), "web/2026-11-21", MachineMode.Image)]),
        new Order(Here, 1, 43, [new OrderStep("forget", null, null, null)]),
        new ReportAnswer([$"tree:{Tree}"]),
    ];
}
