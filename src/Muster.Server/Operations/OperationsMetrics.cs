using System.Diagnostics.Metrics;

namespace Muster.Server.Operations;

internal sealed class OperationsMetrics
{
    private readonly Counter<long> planned;
    private readonly Counter<long> applied;
    private readonly Counter<long> stale;

    public OperationsMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("muster.operations");
        planned = meter.CreateCounter<long>("muster.operations.planned", null, "Plans made, by operation");
        applied = meter.CreateCounter<long>("muster.operations.applied", null, "Changes carried out, by operation");
        stale = meter.CreateCounter<long>("muster.operations.stale", null, "Plans refused because the world had moved, by operation");
    }

    public void Planned(Operation operation) => planned.Add(1, new KeyValuePair<string, object?>("operation", operation.Name));

    public void Applied(Operation operation) => applied.Add(1, new KeyValuePair<string, object?>("operation", operation.Name));

    public void Stale(Operation operation) => stale.Add(1, new KeyValuePair<string, object?>("operation", operation.Name));
}
