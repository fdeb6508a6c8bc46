using System.Diagnostics.Metrics;

namespace Muster.Server.Objects;

internal sealed class ObjectsMetrics
{
    private readonly Counter<long> added;
    private readonly Counter<long> addedBytes;
    private readonly Counter<long> damaged;

    public ObjectsMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("muster.objects");
        added = meter.CreateCounter<long>("muster.objects.added", "{object}", "Objects taken in that an organisation did not have.");
        addedBytes = meter.CreateCounter<long>("muster.objects.stored", "By", "Their length, uncompressed.");
        damaged = meter.CreateCounter<long>("muster.objects.damaged", "{object}", "Objects found to be wrong or gone when they were read.");
    }

    public void Added(IReadOnlyCollection<KeptObject> objects)
    {
        added.Add(objects.Count);
        addedBytes.Add(objects.Sum(one => one.Length));
    }

    public void Damaged() => damaged.Add(1);
}
