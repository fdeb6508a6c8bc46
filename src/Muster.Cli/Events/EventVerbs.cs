using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Protocol;
using Muster.Protocol.Events;

namespace Muster.Cli.Events;

internal static class EventVerbs
{
    public static IEnumerable<Command> All(Verbs verbs) => [List(verbs), Stream(verbs)];

    private static VerbCommand List(Verbs verbs)
    {
        var subject = new Option<string?>("--subject") { Description = "Only about the object with this id", HelpName = "id" };
        var kind = new Option<string?>("--kind") { Description = "Only of these kinds, such as machine.drifted, or machine for all about machines (comma-separated) [default: all but machine.progress and task.progress]", HelpName = "kinds" };
        var options = new ListOptions();
        return verbs.Read("Events.List", "Shows what happened, the newest first", [subject, kind, .. options.All], (run, cancellationToken) =>
            run.ListAsync(
                "Events.List",
                new ListEvents { Subject = run.Value(subject), Kind = run.Value(kind) },
                options,
                MusterJson.Default.ListEvents,
                MusterJson.Default.ListingEvent,
                Show,
                cancellationToken));
    }

    private static VerbCommand Stream(Verbs verbs)
    {
        var kind = new Option<string?>("--kind") { Description = "Only events whose kind begins with this, such as machine.", HelpName = "prefix" };
        return verbs.Read("Events.Stream", "Shows what happens, as it happens, until it is interrupted; with -o json one line for each", [kind], async (run, cancellationToken) =>
        {
            var stream = new EventStream(run.Client, run.Around.Time)
            {
                Broken = why => run.Output.Notes.Line($"{why}; connecting again", Style.Warning),
                Ready = _ =>
                {
                    run.Output.Notes.Line("Following; Ctrl-C ends.", Style.Faint);
                    return Task.CompletedTask;
                },
            };
            await foreach (var one in stream.FollowAsync(cancellationToken))
            {
                if (run.Value(kind) is not { } prefix || one.Kind.StartsWith(prefix, StringComparison.Ordinal))
                {
                    Write(run, one);
                }
            }

            return ExitCode.Done;
        });
    }

    private static Table Show(IReadOnlyList<Event> items)
    {
        var table = new Table("NUMBER", "TIME", "KIND", "SUBJECT", "WHAT") { Nothing = "Nothing has happened, or not lately: events are kept for seven days." };
        foreach (var one in items)
        {
            table.Add(one.Number.ToString(CultureInfo.InvariantCulture), Texts.Time(one.Time), one.Kind, one.Subject, Data(one));
        }

        return table;
    }

    private static string Data(Event one) =>
        string.Join("  ", one.Data.ValueKind == JsonValueKind.Object ? one.Data.EnumerateObject().Select(member => $"{member.Name}={member.Value}") : []);

    private static void Write(Run run, Event one)
    {
        switch (run.Format)
        {
            case OutputFormat.Json:
                run.Around.Out.WriteLine(JsonSerializer.Serialize(one, MusterJson.Default.Event));
                break;
            case OutputFormat.Yaml:
                run.Around.Out.WriteLine("---");
                run.Output.Document(JsonSerializer.SerializeToElement(one, MusterJson.Default.Event));
                break;
            case OutputFormat.Name:
                run.Output.Plain.Line(one.Subject);
                break;
            default:
                run.Output.Plain.Text(Texts.Time(one.Time), Style.Faint).Text("  ").Text(one.Kind.PadRight(20), Style.Busy).Line(Data(one));
                break;
        }

        run.Around.Out.Flush();
    }
}
