using System.Threading.Channels;
using Muster.Core.Objects;
using Muster.Server.Database;
using Muster.Server.Events;

namespace Muster.Server.Objects;

/// <summary>
/// Makes damaged objects known: nobody has them any more until they are sent again. Readers may hold the one writing transaction,
/// so they only leave word here; should the word be lost with the process, the next reader finds the same again.
/// </summary>
internal sealed partial class DamagedObjects(SqlDatabase database, ObjectsMetrics metrics, TimeProvider time, ILogger<DamagedObjects> log) : Loop(time, log)
{
    private readonly Channel<ObjectReference> found = Channel.CreateBounded<ObjectReference>(new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Wakes whoever looks at what is marked.</summary>
    public EventSignal Marked { get; } = new();

    protected override Task Wake => found.Reader.WaitToReadAsync().AsTask();

    public void Found(ObjectReference reference, string why)
    {
        metrics.Damaged();
        ObjectDamaged(reference, why);
        found.Writer.TryWrite(reference);
    }

    protected override async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        while (found.Reader.TryPeek(out var reference))
        {
            await database.WriteAsync(sql => OrganisationObjects.MarkDamagedAsync(sql, reference, Time.GetUtcNow(), cancellationToken), cancellationToken);
            found.Reader.TryRead(out _);
            Marked.Wake();
        }

        return false;
    }

    [LoggerMessage(LogLevel.Error, "The object {Reference} is damaged in the store and was moved aside: {Why}. Adding an image that has it again heals it")]
    private partial void ObjectDamaged(ObjectReference reference, string why);
}
