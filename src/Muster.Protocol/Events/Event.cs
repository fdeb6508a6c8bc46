using System.Text.Json;

namespace Muster.Protocol.Events;

/// <summary>
/// Something that happened, in the order in which it became known: <c>GET /api/v1/events/stream</c>, resumed by
/// <c>Last-Event-ID</c>. When the wanted number is too old the stream says <c>reset</c> and the reader reads its lists again.
/// </summary>
/// <param name="Number">Place in the organisation's order, without repetition, growing.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Kind">What happened: <c>machine.changed</c>.</param>
/// <param name="Subject">The object's id.</param>
/// <param name="Data">What is worth knowing without asking again.</param>
public sealed record Event(long Number, DateTimeOffset Time, string Kind, string Subject, JsonElement Data);
