using System.Collections.Concurrent;
using Muster.Core.Problems;
using Muster.Protocol.Operations;
using Muster.Protocol.Tasks;
using Muster.Server.Tasks;
using Xunit;
using CancelTask = Muster.Protocol.Tasks.CancelTask;
using RetryTask = Muster.Protocol.Tasks.RetryTask;

namespace Muster.Tests.Tasks;

public sealed class TaskTests : TaskTest
{
    private readonly ConcurrentQueue<string> done = new();

    [Fact]
    public async Task Steps_are_done_one_after_another_and_what_they_say_is_kept()
    {
        var task = await StartAsync(
            Step("one", (context, _) =>
            {
                context.Say("hello");
                context.Report(new TaskProgress(3, 7, "things", "half way"), new Note("left by one"));
            }),
            Step("two", (context, _) => context.Say(context.RecallOf<Note>("one")!.Text)));

        var ended = await UntilEndedAsync(task);

        Assert.Equal(TaskState.Done, ended.Summary.State);
        Assert.Equal(["one", "two"], done);
        Assert.Equal(["hello", "left by one"], await LogAsync(task));
        Assert.Equal([TaskStepState.Done, TaskStepState.Done], ended.Steps.Select(step => step.State));
        Assert.Equal([1, 1], ended.Steps.Select(step => step.Attempts));
        Assert.Equal(2, ended.LogLines);
    }

    [Fact]
    public async Task A_step_whose_reason_to_fail_passes_is_tried_again()
    {
        var failures = 0;
        var task = await StartAsync(Step("one", (_, _) =>
        {
            if (++failures < 3)
            {
                throw new ProblemException(ProblemKind.Unavailable, "peer.away", "the peer is away") { RetryAfter = TimeSpan.FromMilliseconds(1) };
            }
        }));

        var ended = await UntilEndedAsync(task);

        Assert.Equal(TaskState.Done, ended.Summary.State);
        Assert.Equal(3, ended.Steps[0].Attempts);
        Assert.Null(ended.Summary.Why);
        Assert.Contains("one: the peer is away; trying again", await LogAsync(task));
    }

    [Fact]
    public async Task What_was_done_is_taken_back_when_a_step_fails_for_good_and_the_cause_is_told()
    {
        var task = await StartAsync(
            Undoable("one"),
            Step("two"),
            Undoable("three", (_, _) => throw new ProblemException(ProblemKind.Conflict, "disk.wrong", "the disk is another one")),
            Step("four"));

        var ended = await UntilEndedAsync(task);

        Assert.Equal(["one", "two", "three", "undo three", "undo one"], done);
        Assert.Equal((TaskState.Failed, "disk.wrong", "three: the disk is another one"), (ended.Summary.State, ended.Summary.Code, ended.Summary.Why));
        Assert.NotNull(ended.Summary.Cure);
        Assert.Equal([TaskStepState.Undone, TaskStepState.Done, TaskStepState.Undone, TaskStepState.Waiting], ended.Steps.Select(step => step.State));
    }

    [Fact]
    public async Task A_step_that_always_fails_ends_the_task_after_its_attempts()
    {
        var task = await StartAsync(Step("one", (_, _) => throw new ProblemException(ProblemKind.Unavailable, "peer.away", "the peer is away") { RetryAfter = TimeSpan.FromMilliseconds(1) }));

        var ended = await UntilEndedAsync(task);

        Assert.Equal((TaskState.Failed, 3), (ended.Summary.State, ended.Steps[0].Attempts));
    }

    [Fact]
    public async Task A_bug_in_a_step_ends_the_task_and_says_so()
    {
        var task = await StartAsync(Step("one", (_, _) => throw new InvalidOperationException("secret detail")));

        var ended = await UntilEndedAsync(task);

        Assert.Equal((TaskState.Failed, "task.bug"), (ended.Summary.State, ended.Summary.Code));
        Assert.DoesNotContain("secret detail", ended.Summary.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_is_cancelled_stops_where_it_is_and_takes_back_what_it_did()
    {
        var running = new TaskCompletionSource();
        var task = await StartAsync(Undoable("one"), Waiting("two", running) with { UndoAsync = Undo("two") }, Step("three"));
        await running.Task.WaitAsync(Cancellation);

        await PostAsync<TaskSummary>("tasks/cancel", new CancelTask(task.Id.ToString()));

        var ended = await UntilEndedAsync(task);
        Assert.Equal((TaskState.Cancelled, "admin"), (ended.Summary.State, ended.Summary.CancelledBy));
        Assert.Equal(["one", "undo two", "undo one"], done);
        Assert.Equal("task.ended", await RefusedAsync("tasks/cancel", new CancelTask(task.Id.ToString())));
    }

    [Fact]
    public async Task A_task_that_waits_is_cancelled_at_once_also_when_nobody_has_a_place_for_it()
    {
        var id = TaskId.New(TimeProvider.System);
        await Server.AddTaskAsync(id, "queued");

        var cancelled = await PostAsync<TaskSummary>("tasks/cancel", new CancelTask(id.ToString()));

        Assert.Equal(TaskState.Cancelled, cancelled.State);
        Assert.NotNull(cancelled.EndedAt);
    }

    [Fact]
    public async Task Cancelling_again_leaves_what_cannot_be_taken_back_and_says_what_that_is()
    {
        var undoing = new TaskCompletionSource();
        var task = await StartAsync(
            Step("one") with { UndoAsync = (_, cancellation) => HoldAsync(undoing, cancellation) },
            Step("two", (_, _) => throw new ProblemException(ProblemKind.Conflict, "no", "no")));
        await undoing.Task.WaitAsync(Cancellation);

        await PostAsync<TaskSummary>("tasks/cancel", new CancelTask(task.Id.ToString()));

        var ended = await UntilEndedAsync(task);
        Assert.Equal(TaskState.Failed, ended.Summary.State);
        Assert.Contains("what these steps did was not taken back: one", ended.Summary.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_taken_back_is_told_and_does_not_keep_the_rest_from_being_taken_back()
    {
        var task = await StartAsync(
            Undoable("one"),
            Step("two") with { UndoAsync = (_, _) => throw new ProblemException(ProblemKind.Conflict, "gone", "it is gone") },
            Step("three", (_, _) => throw new ProblemException(ProblemKind.Conflict, "no", "no")));

        var ended = await UntilEndedAsync(task);

        Assert.Equal([TaskStepState.Undone, TaskStepState.Stuck, TaskStepState.Failed], ended.Steps.Select(step => step.State));
        Assert.Contains("not taken back: two", ended.Summary.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_failed_goes_on_from_the_step_that_failed_when_it_is_tried_again()
    {
        var isGood = false;
        var task = await StartAsync(Step("one"), Step("two", (_, _) => _ = isGood ? 0 : throw new ProblemException(ProblemKind.Conflict, "no", "no")), Step("three"));
        Assert.Equal("task.not-failed", await RefusedUntilFailedAsync(task));
        isGood = true;

        await PostAsync<TaskSummary>("tasks/retry", new RetryTask(task.Id.ToString()));

        var ended = await UntilEndedAsync(task);
        Assert.Equal((TaskState.Done, null), (ended.Summary.State, ended.Summary.Why));
        Assert.Equal(["one", "two", "two", "three"], done);
    }

    [Fact]
    public async Task The_last_effect_of_a_step_happens_with_its_end_or_not_at_all()
    {
        var attempts = 0;
        var task = await StartAsync(Step("one", (context, _) => context.CloseWith(async (sql, cancellation) =>
        {
            await sql.ExecuteAsync("INSERT INTO leases (name, holder, until) VALUES (@name, 'effect', 0)", new { name = $"effect {attempts}" }, cancellation);
            if (attempts++ == 0)
            {
                throw new ProblemException(ProblemKind.Unavailable, "later", "later") { RetryAfter = TimeSpan.FromMilliseconds(1) };
            }
        })));

        Assert.Equal(TaskState.Done, (await UntilEndedAsync(task)).Summary.State);
        Assert.Equal(["effect 1"], await Database.ReadAsync(sql => sql.QueryAsync<string>("SELECT name FROM leases WHERE holder = 'effect'", null, Cancellation), Cancellation));
    }

    [Fact]
    public async Task Whoever_lost_a_task_to_another_server_changes_nothing_of_it_any_more()
    {
        var running = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        var outcome = new TaskCompletionSource<Exception?>();
        var task = await StartAsync(new TaskStep("one", "one", async (context, _) =>
        {
            running.TrySetResult();
            if (context.Attempts > 1)
            {
                return;
            }

            await go.Task;
            outcome.SetResult(await Record.ExceptionAsync(() => context.CommitAsync(sql => sql.ExecuteAsync("DELETE FROM tasks", null, CancellationToken.None), CancellationToken.None)));
        }));
        await running.Task.WaitAsync(Cancellation);
        await Database.WriteAsync(sql => sql.ExecuteAsync("UPDATE tasks SET holder = 'another', claim = claim + 1 WHERE id = @Id", new { task.Id }, Cancellation), Cancellation);

        go.SetResult();

        Assert.IsType<TaskLostException>(await outcome.Task.WaitAsync(Cancellation));
        await Database.WriteAsync(sql => sql.ExecuteAsync("UPDATE tasks SET holder = NULL, until = NULL WHERE id = @Id", new { task.Id }, Cancellation), Cancellation);
        Assert.Equal((TaskState.Done, 2), ((await UntilEndedAsync(task)).Summary.State, (await ShowAsync(task)).Steps[0].Attempts));
    }

    [Fact]
    public async Task A_step_that_tells_nothing_for_too_long_is_stopped_and_tried_again()
    {
        Script.Quiet = TimeSpan.FromMilliseconds(300);
        var attempts = 0;
        var task = await StartAsync(new TaskStep("one", "one", (_, cancellation) => ++attempts == 1 ? Task.Delay(Timeout.Infinite, cancellation) : Task.CompletedTask));

        var ended = await UntilEndedAsync(task);

        Assert.Equal((TaskState.Done, 2), (ended.Summary.State, ended.Steps[0].Attempts));
    }

    [Fact]
    public async Task A_step_that_does_not_listen_cannot_keep_a_task_from_being_cancelled()
    {
        var running = new TaskCompletionSource();
        var task = await StartAsync(Undoable("one"), new TaskStep("two", "two", (_, _) =>
        {
            running.TrySetResult();
            return Task.Delay(Timeout.Infinite, CancellationToken.None);
        }));
        await running.Task.WaitAsync(Cancellation);

        await PostAsync<TaskSummary>("tasks/cancel", new CancelTask(task.Id.ToString()));

        Assert.Equal(TaskState.Cancelled, (await UntilEndedAsync(task)).Summary.State);
        Assert.Equal(["one", "undo one"], done);
    }

    [Fact]
    public async Task An_organisation_with_many_tasks_leaves_places_for_the_others()
    {
        var other = OrganisationId.New(TimeProvider.System);
        await Database.WriteAsync(sql => sql.ExecuteAsync("INSERT INTO organisations (organisation, name, created) VALUES (@other, 'other', 0)", new { other }, Cancellation), Cancellation);
        var served = new TaskCompletionSource();
        var first = await StartAsync(new TaskStep("one", "one", (context, cancellation) =>
        {
            if (context.Organisation == other)
            {
                served.TrySetResult();
                return Task.CompletedTask;
            }

            return Task.Delay(Timeout.Infinite, cancellation);
        }));
        var organisation = await Database.ReadAsync(sql => sql.GetAsync<OrganisationId>("SELECT organisation FROM tasks WHERE id = @Id", new { first.Id }, Cancellation), Cancellation);
        for (var more = 0; more < 11; more++)
        {
            await StartForAsync(organisation);
        }

        await StartForAsync(other);
        await served.Task.WaitAsync(Cancellation);

        // Eight places, of which one organisation gets six.
        Assert.InRange((await GetAsync<Listing<TaskSummary>>("tasks/list?state=running")).Total, 1, 6);
    }

    [Fact]
    public async Task A_task_of_a_release_that_had_other_steps_fails_and_says_so()
    {
        var running = new TaskCompletionSource();
        var task = await StartAsync(Waiting("one", running), Step("two"));
        await running.Task.WaitAsync(Cancellation);
        Script.All = [Step("other")];
        await Database.WriteAsync(sql => sql.ExecuteAsync("UPDATE tasks SET holder = NULL, until = NULL WHERE id = @Id", new { task.Id }, Cancellation), Cancellation);

        var ended = await UntilEndedAsync(task);

        Assert.Equal((TaskState.Failed, "task.step-unknown"), (ended.Summary.State, ended.Summary.Code));
    }

    [Fact]
    public async Task Tasks_are_listed_by_state_and_what_they_are_about()
    {
        await UntilEndedAsync(await StartAsync(Step("one")));
        await Server.AddTaskAsync(TaskId.New(TimeProvider.System), "failed", "Verify image web/1");

        var failed = await GetAsync<Listing<TaskSummary>>("tasks/list?state=failed&counts=state,kind");

        Assert.Equal(["Verify image web/1"], failed.Items.Select(one => one.Title));
        Assert.Equal(["done", "failed"], failed.Counts!.Where(count => count.Facet == "state").Select(count => count.Value).Order());
        Assert.Empty((await GetAsync<Listing<TaskSummary>>("tasks/list?subject=img_0")).Items);
    }

    private async Task<string> RefusedUntilFailedAsync(TaskSummary task)
    {
        var id = TaskId.New(TimeProvider.System);
        await Server.AddTaskAsync(id, "queued");
        Assert.Equal(TaskState.Failed, (await UntilEndedAsync(task)).Summary.State);
        return await RefusedAsync("tasks/retry", new RetryTask(id.ToString()));
    }

    private TaskStep Step(string name, Action<TaskContext, CancellationToken>? more = null) => new(name, name, (context, cancellation) =>
    {
        done.Enqueue(name);
        more?.Invoke(context, cancellation);
        return Task.CompletedTask;
    });

    private TaskStep Undoable(string name, Action<TaskContext, CancellationToken>? more = null) => Step(name, more) with { UndoAsync = Undo(name) };

    private Func<TaskContext, CancellationToken, Task> Undo(string name) => (_, _) =>
    {
        done.Enqueue("undo " + name);
        return Task.CompletedTask;
    };

    private static TaskStep Waiting(string name, TaskCompletionSource running) => new(name, name, (_, cancellation) => HoldAsync(running, cancellation));

    private static Task HoldAsync(TaskCompletionSource running, CancellationToken cancellation)
    {
        running.TrySetResult();
        return Task.Delay(Timeout.Infinite, cancellation);
    }

    private sealed record Note(string Text);
}
