using Muster.Core.Problems;
using Muster.Protocol.Tasks;
using Muster.Server.Database;
using Muster.Server.Events;

namespace Muster.Server.Tasks;

/// <summary>
/// Everything that is written for a task that runs. Each write first makes sure that this server still has it, in the same transaction;
/// so whoever was thought dead and is not changes nothing any more.
/// </summary>
internal sealed class TaskWriter(SqlDatabase database, EventLog events, TimeProvider time)
{
    public Task CommitAsync(TaskRun run, Func<WriteSql, Task> effect, CancellationToken cancellationToken) => database.WriteAsync(
        async sql =>
        {
            await RequireClaimAsync(sql, run, cancellationToken);
            await effect(sql);
        },
        cancellationToken);

    /// <summary>Begins a step, or the taking back of one.</summary>
    public Task BeginAsync(TaskRun run, StepRow step, bool back, CancellationToken cancellationToken) => WriteAsync(
        run,
        async sql =>
        {
            await StepAsync(
                sql, run, step.Number, "state = @state, attempts = attempts + 1, started = coalesce(started, @now), ended = NULL, why = NULL",
                new { state = back ? "undoing" : "running" }, cancellationToken);
            await TaskAsync(
                sql, run, $"state = @state, started = coalesce(started, @now), done = 0, total = 0, unit = '', doing = NULL{(back ? "" : ", code = NULL, why = NULL")}", new { state = back ? "undoing" : "running" }, cancellationToken);
        },
        cancellationToken);

    /// <summary>Ends a step well. Its own effect, if any, is in the same transaction.</summary>
    public Task EndStepAsync(TaskRun run, StepRow step, bool back, Func<WriteSql, CancellationToken, Task>? closing, CancellationToken cancellationToken) => WriteAsync(
        run,
        async sql =>
        {
            await (closing?.Invoke(sql, cancellationToken) ?? Task.CompletedTask);
            await StepAsync(sql, run, step.Number, "state = @state, ended = @now", new { state = back ? "undone" : "done" }, cancellationToken);
            await TaskAsync(sql, run, "attempt = 0", null, cancellationToken);
        },
        cancellationToken);

    /// <summary>A step failed and is tried again later; anybody may do that.</summary>
    public Task WaitAsync(TaskRun run, StepRow step, ProblemException problem, DateTimeOffset due, CancellationToken cancellationToken) => WriteAsync(
        run,
        async sql =>
        {
            await StepAsync(sql, run, step.Number, "why = @why", new { why = problem.Message }, cancellationToken);
            await TaskAsync(
                sql, run, "state = CASE WHEN ending IS NULL THEN 'retrying' ELSE 'undoing' END, attempt = attempt + 1, due = @due, code = coalesce(code, @code), why = CASE WHEN ending IS NULL THEN @why ELSE why END, holder = NULL, until = NULL",
                new { due, code = problem.Code, why = problem.Message }, cancellationToken);
        },
        cancellationToken);

    /// <summary>The task turns back: what its steps did is taken back from now on.</summary>
    public Task TurnBackAsync(TaskRun run, StepRow? step, TaskEnding ending, CancellationToken cancellationToken) => WriteAsync(
        run,
        async sql =>
        {
            if (step is not null)
            {
                await StepAsync(sql, run, step.Number, "state = 'failed', ended = @now, why = @why", new { why = ending.Why }, cancellationToken);
            }

            await TaskAsync(sql, run, "ending = @state, attempt = 0, code = @code, why = @why, cure = @cure", new { state = Text(ending.State), code = ending.Code, why = ending.Why, cure = ending.Cure }, cancellationToken);
        },
        cancellationToken);

    /// <summary>What a step did cannot be taken back; the rest still is.</summary>
    public Task StuckAsync(TaskRun run, StepRow step, string why, CancellationToken cancellationToken) => WriteAsync(
        run,
        async sql =>
        {
            await StepAsync(sql, run, step.Number, "state = 'stuck', ended = @now, why = @why", new { why }, cancellationToken);
            await TaskAsync(sql, run, "attempt = 0", null, cancellationToken);
        },
        cancellationToken);

    /// <summary>The end. Nothing is written for it afterwards.</summary>
    public Task EndAsync(TaskRun run, TaskEnding ending, CancellationToken cancellationToken) => WriteAsync(
        run,
        sql => TaskAsync(
            sql, run, "state = @state, ended = @now, code = @code, why = @why, cure = @cure, doing = NULL, holder = NULL, until = NULL",
            new { state = Text(ending.State), code = ending.Code, why = ending.Why, cure = ending.Cure }, cancellationToken),
        cancellationToken);

    /// <summary>Gives it back as it is, for whoever comes next.</summary>
    public Task ReleaseAsync(TaskRun run, CancellationToken cancellationToken) =>
        WriteAsync(run, sql => TaskAsync(sql, run, "holder = NULL, until = NULL", null, cancellationToken), cancellationToken);

    /// <summary>Writes what the step has told since the last time.</summary>
    public async Task<PendingWords?> TellAsync(WriteSql sql, TaskRun run, CancellationToken cancellationToken)
    {
        if (run.Pending() is not { } words)
        {
            return null;
        }

        var (organisation, id) = (run.Row.Organisation, run.Row.Id);
        await sql.ExecuteAsync(
            "UPDATE tasks SET done = @Done, total = @Total, unit = @Unit, doing = @Text, logged = @Logged WHERE organisation = @organisation AND id = @id",
            new { words.Progress.Done, words.Progress.Total, words.Progress.Unit, Text = words.Progress.Text, words.Logged, organisation, id },
            cancellationToken);
        if (words.Note is not null)
        {
            await sql.ExecuteAsync(
                "UPDATE task_steps SET note = @Note WHERE organisation = @organisation AND task = @id AND number = @step", new { words.Note, organisation, id, step = (long)words.Step }, cancellationToken);
        }

        await sql.ExecuteAsync(
            "INSERT INTO task_lines (organisation, task, number, time, step, level, line) VALUES (@organisation, @id, @Number, @Time, @Step, @Level, @Text)",
            words.Lines.Select(line => new { organisation, id, line.Number, line.Time, Step = (long)line.Step, line.Level, line.Text }).ToArray(),
            cancellationToken);
        await events.AddAsync(sql, organisation, "task.progress", id.ToString(), new { words.Progress.Done, words.Progress.Total, words.Progress.Unit, words.Progress.Text, Lines = words.Logged }, cancellationToken);
        return words;
    }

    private async Task WriteAsync(TaskRun run, Func<WriteSql, Task> change, CancellationToken cancellationToken)
    {
        await run.Writing.WaitAsync(cancellationToken);
        try
        {
            await WriteAloneAsync(run, change, cancellationToken);
        }
        finally
        {
            run.Writing.Release();
        }
    }

    private async Task WriteAloneAsync(TaskRun run, Func<WriteSql, Task> change, CancellationToken cancellationToken)
    {
        var words = await database.WriteAsync(
            async sql =>
            {
                await RequireClaimAsync(sql, run, cancellationToken);
                var told = await TellAsync(sql, run, cancellationToken);
                await change(sql);
                var now = (await TaskStore.FindAsync(sql, run.Row.Organisation, run.Row.Id, cancellationToken))!;
                await events.AddAsync(sql, now.Organisation, "task.changed", now.Id.ToString(), new { now.Title, State = now.StateNow, now.Step, now.Why }, cancellationToken);
                return told;
            },
            cancellationToken);
        if (words is not null)
        {
            run.Written(words);
        }
    }

    private static async Task RequireClaimAsync(WriteSql sql, TaskRun run, CancellationToken cancellationToken)
    {
        if (await sql.FindAsync<long?>(
            "SELECT claim FROM tasks WHERE organisation = @Organisation AND id = @Id AND ended IS NULL AND holder IS NOT NULL", new { run.Row.Organisation, run.Row.Id }, cancellationToken) != run.Row.Claim)
        {
            throw new TaskLostException();
        }
    }

    private Task<int> StepAsync(WriteSql sql, TaskRun run, long number, string set, object? values, CancellationToken cancellationToken) =>
        UpdateAsync(sql, $"UPDATE task_steps SET {set} WHERE organisation = @organisation AND task = @task AND number = @number", run, values, number, cancellationToken);

    private Task<int> TaskAsync(WriteSql sql, TaskRun run, string set, object? values, CancellationToken cancellationToken) =>
        UpdateAsync(sql, $"UPDATE tasks SET {set} WHERE organisation = @organisation AND id = @task", run, values, 0, cancellationToken);

    private Task<int> UpdateAsync(WriteSql sql, string text, TaskRun run, object? values, long number, CancellationToken cancellationToken)
    {
        var parameters = new Dapper.DynamicParameters(values);
        parameters.Add("organisation", run.Row.Organisation);
        parameters.Add("task", run.Row.Id);
        parameters.Add("number", number);
        parameters.Add("now", time.GetUtcNow());
        return sql.ExecuteAsync(text, parameters, cancellationToken);
    }

    private static string Text(TaskState state) => state.ToString().ToLowerInvariant();
}

/// <summary>How a task ends, and why.</summary>
internal sealed record TaskEnding(TaskState State, string? Code, string? Why, string? Cure);

/// <summary>Another server has the task by now: here it is over, and nothing is said of it.</summary>
internal sealed class TaskLostException : Exception;
