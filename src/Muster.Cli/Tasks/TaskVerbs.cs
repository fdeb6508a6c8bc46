using System.CommandLine;
using System.Text.Json;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Protocol;
using Muster.Protocol.Tasks;

namespace Muster.Cli.Tasks;

internal static class TaskVerbs
{
    public static IEnumerable<Command> All(Verbs verbs) => [List(verbs), Show(verbs), Log(verbs), Cancel(verbs), Retry(verbs)];

    private static Argument<string> Task() => new("TASK") { Description = "Id of the task (tsk_…)" };

    private static VerbCommand List(Verbs verbs)
    {
        var state = new Option<string?>("--state") { Description = "Only tasks in one of these states: queued, running, retrying, undoing, done, failed, cancelled", HelpName = "states" };
        var kind = new Option<string?>("--kind") { Description = "Only tasks begun by one of these operations", HelpName = "operations" };
        var by = new Option<string?>("--created-by") { Description = "Only tasks begun by one of these people or tokens", HelpName = "names" };
        var options = new ListOptions();
        return verbs.Read("Tasks.List", "Lists work of several steps, the newest first", [state, kind, by, .. options.All], (run, cancellationToken) =>
            run.ListAsync(
                "Tasks.List",
                new ListTasks { State = run.Value(state), Kind = run.Value(kind), CreatedBy = run.Value(by) },
                options,
                MusterJson.Default.ListTasks,
                MusterJson.Default.ListingTaskSummary,
                items => TaskTexts.Table(items, run.Output.Now),
                cancellationToken));
    }

    private static VerbCommand Show(Verbs verbs)
    {
        var task = Task();
        return verbs.Read("Tasks.Show", "Shows a task with its steps", [task], (run, cancellationToken) =>
            run.ShowAsync("Tasks.Show", new ShowTask(run.Value(task)!), MusterJson.Default.ShowTask, MusterJson.Default.TaskDetails, details => TaskTexts.Write(run.Output, details), cancellationToken));
    }

    private static VerbCommand Log(Verbs verbs)
    {
        var task = Task();
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what it says until it has ended" };
        return verbs.Read("Tasks.Log", ["Tasks.Show"], "Shows what a task has said", [task, follow], (run, cancellationToken) => new TaskLog(run, run.Value(task)!).WriteAsync(run.Value(follow), cancellationToken));
    }

    private static VerbCommand Cancel(Verbs verbs)
    {
        var task = Task();
        var wait = new WaitOptions("it has stopped");
        return verbs.Change("Tasks.Cancel", ["Tasks.Show"], "Stops a task and takes back what it did, as far as that can be", [task, .. wait.All], (run, cancellationToken) =>
            run.BeginTaskAsync("Tasks.Cancel", new CancelTask(run.Value(task)!), MusterJson.Default.CancelTask, wait, cancellationToken));
    }

    private static VerbCommand Retry(Verbs verbs)
    {
        var task = Task();
        var wait = new WaitOptions("it is done");
        return verbs.Change("Tasks.Retry", ["Tasks.Show"], "Goes on with a task that failed or was cancelled, from its first step that is not done", [task, .. wait.All], (run, cancellationToken) =>
            run.BeginTaskAsync("Tasks.Retry", new RetryTask(run.Value(task)!), MusterJson.Default.RetryTask, wait, cancellationToken));
    }
}
