using Muster.Core.Problems;
using Muster.Protocol.Operations;
using Muster.Protocol.Tasks;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Tasks.RetryTask;

namespace Muster.Server.Tasks;

internal sealed class RetryTask(TaskStarter tasks) : ChangeOperation<Arguments, TaskSummary>
{
    public override string Name => "Tasks.Retry";

    public override string Summary => "Goes on with a task that failed or was cancelled, from its first step that is not done.";

    public override async Task<PlanDraft> PlanAsync(Arguments arguments, PlanContext context, CancellationToken cancellationToken)
    {
        var task = await TaskStore.GetAsync(context.Sql, context.Organisation, arguments.Task, cancellationToken);
        if (task.StateNow is not (TaskState.Failed or TaskState.Cancelled))
        {
            throw new ProblemException(ProblemKind.Conflict, "task.not-failed", $"{task.Title} is {task.State}: only one that failed or was cancelled can be tried again");
        }

        var steps = await TaskStore.ListStepsAsync(context.Sql, context.Organisation, task.Id, cancellationToken);
        var left = steps.Where(step => step.StateNow != TaskStepState.Done).ToList();
        return new PlanDraft($"Try again: {task.Title}")
        {
            Changes = [new PlanChange(PlanAction.Change, task.ObjectName, [new PlanMember("state", task.State, "queued")])],
            Effects = [new PlanEffect("steps", "Steps to do", left.Count, null, false)],
            Warnings = [.. left.Where(step => step.StateNow == TaskStepState.Stuck).Select(step => $"What the step '{step.Title}' did before was not taken back.")],
            Basis = [new PlanBasis(task.ObjectName, "ended", $"{task.Ended:O}")],
        };
    }

    public override async Task<TaskSummary> ApplyAsync(Arguments arguments, Plan plan, ApplyContext context, CancellationToken cancellationToken)
    {
        var task = await TaskStore.GetAsync(context.Sql, context.Organisation, arguments.Task, cancellationToken);
        await TaskStore.RetryAsync(context.Sql, task, context.Now, cancellationToken);
        var now = await TaskStore.GetAsync(context.Sql, context.Organisation, arguments.Task, cancellationToken);
        await tasks.ChangedAsync(context, now, cancellationToken);
        return now.Show();
    }
}
