using System.Diagnostics.Metrics;
using Muster.Protocol.Tasks;

namespace Muster.Server.Tasks;

internal sealed class TasksMetrics
{
    private readonly Counter<long> ended;
    private readonly Counter<long> retried;

    public TasksMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("muster.tasks");
        ended = meter.CreateCounter<long>("muster.tasks.ended", "{task}", "Tasks that ended, by kind and how.");
        retried = meter.CreateCounter<long>("muster.tasks.retried", "{step}", "Steps that failed and are tried again, by kind of task.");
    }

    public void Ended(string kind, TaskState state) => ended.Add(1, new KeyValuePair<string, object?>("kind", kind), new KeyValuePair<string, object?>("state", state.ToString().ToLowerInvariant()));

    public void Retried(string kind) => retried.Add(1, new KeyValuePair<string, object?>("kind", kind));
}
