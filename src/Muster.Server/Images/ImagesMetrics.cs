using System.Diagnostics.Metrics;

namespace Muster.Server.Images;

internal sealed class ImagesMetrics
{
    private readonly Counter<long> added;
    private readonly Counter<long> deleted;

    public ImagesMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("muster.images");
        added = meter.CreateCounter<long>("muster.images.added", "{image}", "Images added.");
        deleted = meter.CreateCounter<long>("muster.images.deleted", "{image}", "Images deleted.");
    }

    public void Added() => added.Add(1);

    public void Deleted() => deleted.Add(1);
}
