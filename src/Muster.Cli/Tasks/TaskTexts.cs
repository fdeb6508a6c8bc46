using Muster.Cli.Showing;
using Muster.Protocol.Tasks;

namespace Muster.Cli.Tasks;

/// <summary>How tasks are shown.</summary>
internal static class TaskTexts
{
    public static Cell State(TaskState state) => state switch
    {
        TaskState.Done => new("done", Style.Good),
        TaskState.Failed => new("failed", Style.Bad),
        TaskState.Cancelled => new("cancelled", Style.Warning),
        TaskState.Retrying => new("retrying", Style.Warning),
        TaskState.Undoing => new("undoing", Style.Warning),
        TaskState.Running => new("running", Style.Busy),
        _ => new("queued", Style.Faint),
    };

    public static Table Table(IReadOnlyList<TaskSummary> items, DateTimeOffset now)
    {
        var table = new Table("ID", "STATE", "WHAT", "STEP", "PROGRESS", "BEGUN", "BY") { Nothing = "No tasks." };
        foreach (var task in items)
        {
            table.Add(task.Id.ToString(), State(task.State), task.Title, task.Why ?? task.Step ?? "", task.EndedAt is null ? Amount(task.Progress) : "", Texts.Ago(task.CreatedAt, now), task.CreatedBy);
        }

        return table;
    }

    public static void Write(Output output, TaskDetails details)
    {
        var task = details.Summary;
        var facts = new Facts { { "task", task.Title }, { "id", task.Id.ToString() }, { "state", State(task.State) } };
        void Add(string name, string? value)
        {
            if (value is { Length: > 0 })
            {
                facts.Add(name, value);
            }
        }

        Add("about", task.Subject is { } subject ? $"{subject.Kind} {subject.Name}" : null);
        Add("begun", $"{Texts.Time(task.CreatedAt)} by {task.CreatedBy}");
        Add("ended", task.EndedAt is { } ended ? $"{Texts.Time(ended)}, after {Texts.Span(ended - task.CreatedAt)}" : null);
        Add("progress", task.EndedAt is null ? $"{Amount(task.Progress)} {task.Progress.Text}".Trim() : null);
        Add("next try", task is { State: TaskState.Retrying, DueAt: { } due } ? Texts.Time(due) : null);
        Add("why", task.Why);
        Add("what to do", task.Cure);
        facts.Write(output.Plain);

        output.Plain.Line();
        var table = new Table("#", "STEP", "STATE", "TOOK", "TRIES", "WHY");
        foreach (var step in details.Steps)
        {
            table.Add(step.Number, step.Title, Step(step.State), step.StartedAt is { } from ? Texts.Span((step.EndedAt ?? output.Now) - from) : "", step.Attempts, step.Why ?? "");
        }

        table.Write(output);
    }

    /// <summary>How far the present step is.</summary>
    public static string Amount(TaskProgress progress)
    {
        var isBytes = progress.Unit == "bytes";
        var (done, total) = isBytes ? (Texts.Bytes(progress.Done), Texts.Bytes(progress.Total)) : (Texts.Count(progress.Done), $"{Texts.Count(progress.Total)} {progress.Unit}");
        return progress.Total > 0 ? $"{done} of {total}" : progress.Done > 0 ? done : "";
    }

    private static Cell Step(TaskStepState state) => state switch
    {
        TaskStepState.Done => new("done", Style.Good),
        TaskStepState.Failed or TaskStepState.Stuck => new(state == TaskStepState.Stuck ? "not taken back" : "failed", Style.Bad),
        TaskStepState.Undoing or TaskStepState.Undone => new(state == TaskStepState.Undone ? "taken back" : "being taken back", Style.Warning),
        TaskStepState.Running => new("running", Style.Busy),
        _ => new("waiting", Style.Faint),
    };
}
