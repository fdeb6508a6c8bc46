using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Muster.Server.Edge;

/// <summary>
/// Everything that meters of ours, of the web server and of the runtime count, in Prometheus's text form. Names keep their words
/// (<c>muster.operations.applied</c> is <c>muster_operations_applied_total</c>); the list of ours is a golden file.
/// </summary>
internal sealed class Metrics : IDisposable
{
    private const int MostSeries = 5000;
    private static readonly double[] Buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly string[] Foreign = ["http.server.request.duration", "http.server.active_requests", "kestrel.active_connections", "dotnet.gc.heap.total_allocated", "dotnet.process.memory.working_set", "dotnet.process.cpu.time"];

    private readonly Lock gate = new();
    private readonly MeterListener listener = new();
    private readonly SortedDictionary<string, Family> families = new(StringComparer.Ordinal);
    private int series;

    /// <param name="meters">This server's: another one in the same process counts for itself.</param>
    public Metrics(IMeterFactory meters)
    {
        listener.InstrumentPublished = (instrument, listening) =>
        {
            var isHere = instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, meters);
            if (isHere && (instrument.Meter.Name.StartsWith("muster", StringComparison.Ordinal) || Foreign.Contains(instrument.Name)))
            {
                lock (gate)
                {
                    families.TryAdd(Name(instrument), new Family(instrument));
                }

                listening.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.Start();
    }

    /// <summary>Name, type and unit of each of our own instruments.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (gate)
            {
                return [.. families.Where(family => family.Key.StartsWith("muster_", StringComparison.Ordinal)).Select(family => $"{family.Key} {family.Value.Type}: {family.Value.Help}")];
            }
        }
    }

    public string Write()
    {
        listener.RecordObservableInstruments();
        var text = new StringBuilder();
        lock (gate)
        {
            foreach (var (name, family) in families)
            {
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {family.Help}\n# TYPE {name} {family.Type}\n");
                foreach (var (tags, one) in family.Series)
                {
                    Write(text, name, tags, one);
                }
            }
        }

        return text.ToString();
    }

    public void Dispose() => listener.Dispose();

    private static void Write(StringBuilder text, string name, string tags, Series one)
    {
        if (one.Counts is null)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}{Braced(tags)} {one.Value}\n");
            return;
        }

        var comma = tags.Length > 0 ? "," : string.Empty;
        var sum = 0L;
        for (var index = 0; index < Buckets.Length; index++)
        {
            sum += one.Counts[index];
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{tags}{comma}le=\"{Buckets[index]}\"}} {sum}\n");
        }

        sum += one.Counts[^1];
        text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{tags}{comma}le=\"+Inf\"}} {sum}\n{name}_sum{Braced(tags)} {one.Value}\n{name}_count{Braced(tags)} {sum}\n");
    }

    private static string Braced(string tags) => tags.Length > 0 ? $"{{{tags}}}" : string.Empty;

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = Key(tags);
        lock (gate)
        {
            var family = families[Name(instrument)];
            if (!family.Series.TryGetValue(key, out var one))
            {
                // Labels come from our own code, but a mistake there must not eat the memory.
                if (++series > MostSeries)
                {
                    return;
                }

                family.Series[key] = one = new Series { Counts = family.Type == "histogram" ? new long[Buckets.Length + 1] : null };
            }

            if (one.Counts is not null)
            {
                var bucket = Array.FindIndex(Buckets, bound => value <= bound);
                one.Counts[bucket < 0 ? Buckets.Length : bucket]++;
            }

            one.Value = family.Observed ? value : one.Value + value;
        }
    }

    private static string Key(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            var shown = (value?.ToString() ?? string.Empty).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(text.Length > 0 ? "," : string.Empty).Append(name.Replace('.', '_')).Append("=\"").Append(shown).Append('"');
        }

        return text.ToString();
    }

    private static string Name(Instrument instrument)
    {
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => string.Empty,
        };
        var total = Family.TypeOf(instrument) == "counter" ? "_total" : string.Empty;
        return instrument.Name.Replace('.', '_') + unit + total;
    }

    private sealed class Family(Instrument instrument)
    {
        public string Type { get; } = TypeOf(instrument);

        public string Help { get; } = (instrument.Description ?? instrument.Name).Replace('\n', ' ');

        // Observed instruments report what is; the others what was added. A gauge says what is, too.
        public bool Observed { get; } = instrument.IsObservable || instrument.GetType().Name.StartsWith("Gauge", StringComparison.Ordinal);

        public SortedDictionary<string, Series> Series { get; } = new(StringComparer.Ordinal);

        public static string TypeOf(Instrument instrument)
        {
            var name = instrument.GetType().Name;
            return name.StartsWith("Histogram", StringComparison.Ordinal) ? "histogram"
                : name.StartsWith("Counter", StringComparison.Ordinal) || name.StartsWith("ObservableCounter", StringComparison.Ordinal) ? "counter" : "gauge";
        }
    }

    private sealed class Series
    {
        public double Value { get; set; }

        public long[]? Counts { get; init; }
    }
}
