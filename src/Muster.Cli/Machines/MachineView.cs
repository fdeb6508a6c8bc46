using Muster.Cli.Showing;
using Muster.Protocol.Machines;

namespace Muster.Cli.Machines;

/// <summary>One machine for people: the host, then what is wanted of it beside what is seen.</summary>
internal static class MachineView
{
    private const int DigestDigits = 16;

    public static void Write(Output output, MachineDetails details)
    {
        var summary = details.Summary;
        var labels = summary.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}").ToArray();
        var facts = new Facts
        {
            { "name", new Cell(summary.Name, Style.Strong) },
            { "id", summary.Id.ToString() },
            { "state", MachineTexts.State(summary.State) },
            { "why", summary.Why },
            { "link", MachineTexts.Link(summary.Link) },
            { "seen", Texts.Ago(summary.SeenAt, output.Now) },
            { "labels", labels.Length == 0 ? "-" : string.Join(", ", labels) },
            { "certificate", $"until {Texts.Time(details.Certificate.NotAfter)}" },
        };
        AddHost(facts, details);
        facts.Write(output.Plain);
        output.Plain.Line();
        Compare(details.Wanted, details.Seen, output.Now).Write(output);
    }

    private static void AddHost(Facts facts, MachineDetails details)
    {
        if (details.Facts is not { } host)
        {
            return;
        }

        facts.Add("host", $"{host.HostName} ({details.Summary.Address ?? "address not known"})");
        facts.Add("system", $"{host.OperatingSystem}, Linux {host.Kernel}, {host.Architecture}, {host.Processors} processors, {Texts.Bytes(host.MemoryBytes)} memory");
        facts.Add("agent", $"{details.Summary.AgentVersion ?? "-"}; root on {host.RootFileSystem}; sees changes {(host.Events ? "at once" : "by scanning")}; {(host.Culprits ? "names" : "cannot name")} who made them");
        facts.Add("cache", $"{Texts.Bytes(host.CacheBytes)} of {Texts.Bytes(host.CacheLimitBytes)}");
    }

    private static Table Compare(WantedDetails wanted, SeenDetails? seen, DateTimeOffset now)
    {
        var same = wanted.Tree is null ? Style.None : seen?.Tree == wanted.Tree ? Style.Good : Style.Warning;
        var table = new Table("", "WANTED", "SEEN");
        table.Add("image", wanted.Image?.Name, "");
        table.Add("mode", MachineTexts.Mode(wanted.Mode), "");
        table.Add("tree", wanted.Tree?.ToString()[..DigestDigits], new Cell(seen?.Tree?.ToString()[..DigestDigits] ?? "-", same));
        table.Add("order", wanted.Order, seen is null ? "-" : seen.Order);
        if (seen is null)
        {
            return table;
        }

        table.Add("content", "", $"{Texts.Count(seen.Entries)} entries, {Texts.Bytes(seen.Bytes)}");
        table.Add("differences", "", $"{Texts.Count(seen.Missing)} missing, {Texts.Count(seen.Extra)} extra, {Texts.Count(seen.Changed)} changed");
        if (seen.Progress is { } progress)
        {
            table.Add("now", "", $"{progress.Phase} {Texts.Count(progress.Done)} of {Texts.Count(progress.Total)} {progress.Unit}");
        }

        if (seen.LastUpdate is { } update)
        {
            table.Add("last update", "", $"{Texts.Ago(update.At, now)}: applied after {Texts.Microseconds(update.AppliedMicroseconds)}, "
                + $"verified after {Texts.Microseconds(update.VerifiedMicroseconds)}, {Texts.Microseconds(update.WindowMicroseconds)} between old and new");
        }

        return table;
    }
}
