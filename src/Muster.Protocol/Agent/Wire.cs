using Muster.Core.Objects;
using Muster.Core.Trees;
using Muster.Protocol.Machines;

namespace Muster.Protocol.Agent;

// docs/formats/session.md says what travels when, and what each side does with it.

/// <summary>POST /agent/v1/join: exchanges an invitation's token for an identity.</summary>
/// <param name="Token">The secret of the join line.</param>
/// <param name="Request">PKCS#10 certificate request (DER) for a P-256 key made on the machine.</param>
public sealed record JoinRequest(Secret Token, byte[] Request, MachineFacts Facts);

/// <summary>The identity of a machine.</summary>
/// <param name="Certificates">Its certificate and the intermediate, DER each, leaf first.</param>
/// <param name="Authority">The root certificate (DER) that the agent pins for ever.</param>
/// <param name="ServerTime">By which a machine whose clock stands at 1970 judges the server's certificates from the first session on.</param>
public sealed record JoinAnswer(InstallationId Installation, long Epoch, MachineId Machine, string Name, IReadOnlyList<byte[]> Certificates, byte[] Authority, DateTimeOffset ServerTime);

/// <summary>POST /agent/v1/renew: a new certificate for the same machine, for a new or the same key.</summary>
public sealed record RenewRequest(byte[] Request);

/// <summary>Answer to a renewal.</summary>
public sealed record RenewAnswer(IReadOnlyList<byte[]> Certificates);

/// <summary>
/// What a machine is told, as SSE event <c>order</c>. The agent refuses an order whose (epoch, number) is below the last it saw,
/// or of another installation, and carries out nothing of an order that holds a step it does not know.
/// </summary>
public sealed record Order(InstallationId Installation, long Epoch, long Number, IReadOnlyList<OrderStep> Steps);

/// <summary>One thing to do or to be.</summary>
/// <param name="Kind"><c>keep</c>: be like the image (mode image) or compare with it (mode monitor). <c>forget</c>: want nothing. Others are refused by name.</param>
/// <param name="Image">Digest of the image object.</param>
/// <param name="ImageName">For messages.</param>
public sealed record OrderStep(string Kind, Digest? Image, string? ImageName, MachineMode? Mode);

/// <summary>POST /agent/v1/hello, the first request of each session: who the agent is now.</summary>
public sealed record Hello(MachineFacts Facts, string Version, long LastEpoch, long LastOrder);

/// <summary>Answer to hello: settings of the session.</summary>
public sealed record HelloAnswer(int HeartbeatSeconds, long Epoch, DateTimeOffset ServerTime);

/// <summary>
/// POST /agent/v1/report: the state, whenever it changed (at most a few a second) and every 30 s ± 20 % as a heartbeat
/// (with all members null but <see cref="Order"/> when nothing changed).
/// </summary>
/// <param name="Tree">Digest of the managed tree.</param>
/// <param name="Conditions">All conditions that now hold on the machine; null if unchanged.</param>
public sealed record Report(
    long Order, MachineState? State, Digest? Tree, ReportCounts? Counts, AgentProgress? Progress, UpdateDetails? Update,
    IReadOnlyList<ConditionDetails>? Conditions, IReadOnlyList<DriftReport>? Drift, string? Why);

/// <summary>Counts over the managed tree.</summary>
public sealed record ReportCounts(long Entries, long Files, long Bytes, long Missing, long Extra, long Changed);

/// <summary>Answer to a report.</summary>
/// <param name="Lacked">Directory or tree objects below the reported digest that the server lacks: the agent posts them to /agent/v1/trees in batch framing.</param>
public sealed record ReportAnswer(IReadOnlyList<string> Lacked);

/// <summary>One drift as the agent saw it.</summary>
/// <param name="Id">Made by the agent, so that a repeated report counts once.</param>
public sealed record DriftReport(DriftId Id, TreePath Path, string What, IReadOnlyList<string> Facets, string Outcome, long? Microseconds, string FoundBy, Culprit? Culprit, DateTimeOffset At);

/// <summary>POST /agent/v1/objects: asks for objects the required image reaches; answered as a stream in batch framing (docs/formats/object.md).</summary>
public sealed record GetObjects(IReadOnlyList<string> Objects);
