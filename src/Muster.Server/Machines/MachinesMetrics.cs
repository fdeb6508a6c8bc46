using System.Diagnostics.Metrics;

namespace Muster.Server.Machines;

internal sealed class MachinesMetrics
{
    private readonly Counter<long> reports;
    private readonly Counter<long> joined;
    private readonly Counter<long> drifts;
    private readonly Histogram<double> restored;
    private readonly Counter<long> served;

    public MachinesMetrics(IMeterFactory meters, MachineSessions sessions)
    {
        var meter = meters.Create("muster.machines");
        reports = meter.CreateCounter<long>("muster.machines.reports", "{report}", "Reports and heartbeats taken.");
        joined = meter.CreateCounter<long>("muster.machines.joined", "{machine}", "Machines that joined.");
        drifts = meter.CreateCounter<long>("muster.machines.drifts", "{drift}", "Drifts reported.");
        restored = meter.CreateHistogram<double>("muster.machines.restored.duration", "s", "From a change until it was undone.");
        served = meter.CreateCounter<long>("muster.machines.objects.served", "{object}", "Objects handed to machines.");
        _ = meter.CreateObservableGauge("muster.machines.connected", () => sessions.All.Count(session => session.HasStream), "{machine}", "Machines whose session is open here.");
    }

    public void Reported() => reports.Add(1);

    public void Joined() => joined.Add(1);

    public void Served(int objects) => served.Add(objects);

    public void Drifted(IEnumerable<DriftRow> rows)
    {
        foreach (var row in rows)
        {
            drifts.Add(1, new KeyValuePair<string, object?>("outcome", row.Outcome));
            if (row is { Outcome: "restored", Microseconds: { } microseconds })
            {
                restored.Record(microseconds / 1e6);
            }
        }
    }
}
