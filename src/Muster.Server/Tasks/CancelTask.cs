using Muster.Core.Problems;
using Muster.Protocol.Operations;
using Muster.Protocol.Tasks;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Tasks.CancelTask;

namespace Muster.Server.Tasks;

internal sealed class CancelTask(TaskStarter tasks) : ChangeOperation<Arguments, TaskSummary>
{
    public override string Name => "Tasks.Cancel";

    public override string Summary => "Stops a task and takes back what it did, as far as that can be; asked again, leaves what is not taken back yet.";

    public override async Task<PlanDraft> PlanAsync(Arguments arguments, PlanContext context, CancellationToken cancellationToken)
    {
        var task = await TaskStore.GetAsync(context.Sql, context.Organisation, arguments.Task, cancellationToken);
        if (task.Ended is not null)
        {
            throw new ProblemException(ProblemKind.Conflict, "task.ended", $"{task.Title} has ended already ({task.State}): there is nothing to stop");
        }

        var steps = await TaskStore.ListStepsAsync(context.Sql, context.Organisation, task.Id, cancellationToken);
        var done = steps.Where(step => step.StateNow is TaskStepState.Done or TaskStepState.Running).ToList();
        return new PlanDraft(task.Ending is null ? $"Stop {task.Title}" : $"Stop taking back {task.Title}")
        {
            Changes = [new PlanChange(PlanAction.Change, task.ObjectName, [new PlanMember("cancelled", "no", "yes")])],
            Effects =
            [
                new PlanEffect("undone", "Steps taken back", task.Ending is null ? done.Count(step => step.Undoable != 0) : 0, null, true),
                new PlanEffect("kept", "Steps whose effects stay", done.Count(step => step.Undoable == 0 || task.Ending is not null), null, true),
            ],
            Warnings = task.Ending is null ? [] : ["What is not taken back yet stays as it is."],
            Basis = [new PlanBasis(task.ObjectName, "ending", task.Ending ?? "")],
        };
    }

    public override async Task<TaskSummary> ApplyAsync(Arguments arguments, Plan plan, ApplyContext context, CancellationToken cancellationToken)
    {
        var task = await TaskStore.GetAsync(context.Sql, context.Organisation, arguments.Task, cancellationToken);
        await TaskStore.CancelAsync(context.Sql, task, context.Caller.Name, context.Now, cancellationToken);
        var now = await TaskStore.GetAsync(context.Sql, context.Organisation, arguments.Task, cancellationToken);
        await tasks.ChangedAsync(context, now, cancellationToken);
        return now.Show();
    }
}
