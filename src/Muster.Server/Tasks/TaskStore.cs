using Muster.Core.Problems;
using Muster.Protocol.Operations;
using Muster.Protocol.Tasks;
using Muster.Server.Database;
using Muster.Server.Operations;

namespace Muster.Server.Tasks;

internal static class TaskStore
{
    private const string Columns =
        """
        t.organisation AS Organisation, t.id AS Id, t.kind AS Kind, t.title AS Title, t.subject_kind AS SubjectKind, t.subject AS Subject, t.subject_name AS SubjectName,
        t.arguments AS Arguments, t.state AS State, t.ending AS Ending, t.attempt AS Attempt, t.due AS Due, t.created AS Created, t.created_by AS CreatedBy,
        t.started AS Started, t.ended AS Ended, t.cancel AS Cancel, t.cancelled_by AS CancelledBy, t.done AS Done, t.total AS Total, t.unit AS Unit, t.doing AS Doing,
        t.code AS Code, t.why AS Why, t.cure AS Cure, t.claim AS Claim, t.logged AS Logged,
        (SELECT s.title FROM task_steps s WHERE s.organisation = t.organisation AND s.task = t.id AND s.state IN ('running', 'undoing', 'waiting')
            ORDER BY (CASE s.state WHEN 'waiting' THEN 1 ELSE 0 END), s.number LIMIT 1) AS Step,
        (SELECT count(*) FROM task_steps s WHERE s.organisation = t.organisation AND s.task = t.id AND s.undoable = 1 AND s.state IN ('running', 'done', 'failed')) AS MayUndo
        """;

    private const string StepColumns =
        "number AS Number, name AS Name, title AS Title, undoable AS Undoable, state AS State, attempts AS Attempts, started AS Started, ended AS Ended, note AS Note, why AS Why";

    public static Task<TaskRow?> FindAsync(ReadSql sql, OrganisationId organisation, TaskId id, CancellationToken cancellationToken) =>
        sql.FindAsync<TaskRow>($"SELECT {Columns} FROM tasks t WHERE t.organisation = @organisation AND t.id = @id", new { organisation, id }, cancellationToken);

    public static async Task<TaskRow> GetAsync(ReadSql sql, OrganisationId organisation, string task, CancellationToken cancellationToken) =>
        await FindAsync(sql, organisation, TaskId.Parse(task), cancellationToken) ?? throw new ProblemException(ProblemKind.NotFound, "task.unknown", $"there is no task {task}");

    public static Task<IReadOnlyList<StepRow>> ListStepsAsync(ReadSql sql, OrganisationId organisation, TaskId task, CancellationToken cancellationToken) =>
        sql.QueryAsync<StepRow>($"SELECT {StepColumns} FROM task_steps WHERE organisation = @organisation AND task = @task ORDER BY number", new { organisation, task }, cancellationToken);

    public static async Task AddAsync(WriteSql sql, TaskRow task, IReadOnlyList<TaskStep> steps, CancellationToken cancellationToken)
    {
        await sql.ExecuteAsync(
            """
            INSERT INTO tasks (organisation, id, kind, title, subject_kind, subject, subject_name, arguments, state, attempt, due, created, created_by, cancel, done, total, unit, claim, logged)
            VALUES (@Organisation, @Id, @Kind, @Title, @SubjectKind, @Subject, @SubjectName, @Arguments, @State, 0, @Due, @Created, @CreatedBy, 0, 0, 0, '', 0, 0)
            """,
            task,
            cancellationToken);
        await sql.ExecuteAsync(
            "INSERT INTO task_steps (organisation, task, number, name, title, undoable, state, attempts) VALUES (@Organisation, @Id, @Number, @Name, @Title, @Undoable, 'waiting', 0)",
            steps.Select((step, index) => new { task.Organisation, task.Id, Number = index + 1, step.Name, step.Title, Undoable = step.UndoAsync is null ? 0L : 1L }).ToArray(),
            cancellationToken);
    }

    public static async Task<(IReadOnlyList<TaskRow> Rows, long Total, IReadOnlyList<FacetCount>? Counts)> ListAsync(
        ReadSql sql, OrganisationId organisation, Protocol.Tasks.ListTasks arguments, SortedPage page, CancellationToken cancellationToken)
    {
        const string where =
            """
            WHERE t.organisation = @organisation AND (@search IS NULL OR strpos(lower(t.title), lower(@search)) > 0)
            """;
        var parameters = page.Parameters(new { organisation });
        var about = string.IsNullOrEmpty(arguments.Subject) ? "" : " AND t.subject = @about";
        if (about.Length > 0)
        {
            parameters.Add("about", arguments.Subject);
        }

        var facets = new ListFacets("FROM tasks t", where + about, parameters)
            .Add("state", "t.state", [.. ListFacets.Split(arguments.State).Select(state => state.ToLowerInvariant())])
            .Add("kind", "t.kind", ListFacets.Split(arguments.Kind))
            .Add("createdBy", "t.created_by", ListFacets.Split(arguments.CreatedBy));
        return (
            await sql.QueryAsync<TaskRow>($"SELECT {Columns}, {page.Key} {facets.From} {facets.Where} {page.AfterAndOrder("t.id")}", parameters, cancellationToken),
            await sql.GetAsync<long>($"SELECT count(*) {facets.From} {facets.Where}", parameters, cancellationToken),
            await facets.CountAsync(sql, arguments.Counts, cancellationToken));
    }

    public static Task<IReadOnlyList<LineRow>> ListLinesAsync(ReadSql sql, OrganisationId organisation, TaskId task, long after, int limit, CancellationToken cancellationToken) =>
        sql.QueryAsync<LineRow>(
            "SELECT number AS Number, time AS Time, step AS Step, level AS Level, line AS Line FROM task_lines WHERE organisation = @organisation AND task = @task AND number > @after ORDER BY number LIMIT @limit",
            new { organisation, task, after, limit },
            cancellationToken);

    /// <summary>Notes that somebody wants it stopped. One that nobody runs and that has nothing to take back has ended then.</summary>
    public static async Task CancelAsync(WriteSql sql, TaskRow task, string by, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await sql.ExecuteAsync(
            """
            UPDATE tasks SET cancel = CASE WHEN ending IS NULL THEN 1 ELSE 2 END, cancelled_by = @by, due = created
            WHERE organisation = @Organisation AND id = @Id AND ended IS NULL
            """,
            new { task.Organisation, task.Id, by },
            cancellationToken);
        await sql.ExecuteAsync(
            """
            UPDATE tasks SET state = 'cancelled', ended = @now, code = 'task.cancelled', why = @why, cure = NULL, doing = NULL
            WHERE organisation = @Organisation AND id = @Id AND ended IS NULL AND holder IS NULL AND ending IS NULL AND NOT EXISTS (
                SELECT 1 FROM task_steps s WHERE s.organisation = tasks.organisation AND s.task = tasks.id AND s.undoable = 1 AND s.state IN ('running', 'done', 'failed'))
            """,
            new { task.Organisation, task.Id, now, why = $"stopped by {by}" },
            cancellationToken);
    }

    /// <summary>Makes an ended task wait for its turn again; what is done stays done.</summary>
    public static async Task RetryAsync(WriteSql sql, TaskRow task, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await sql.ExecuteAsync(
            """
            UPDATE tasks SET state = 'queued', ending = NULL, attempt = 0, due = @now, started = NULL, ended = NULL, cancel = 0, cancelled_by = NULL, done = 0, total = 0, unit = '', doing = NULL,
                code = NULL, why = NULL, cure = NULL, holder = NULL, until = NULL
            WHERE organisation = @Organisation AND id = @Id
            """,
            new { task.Organisation, task.Id, now },
            cancellationToken);
        await sql.ExecuteAsync(
            "UPDATE task_steps SET state = 'waiting', attempts = 0, started = NULL, ended = NULL, note = NULL, why = NULL WHERE organisation = @Organisation AND task = @Id AND state <> 'done'",
            new { task.Organisation, task.Id },
            cancellationToken);
    }

    public static Task<int> ForgetAsync(WriteSql sql, DateTimeOffset before, int count, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            "DELETE FROM tasks WHERE (organisation, id) IN (SELECT organisation, id FROM tasks WHERE ended IS NOT NULL AND ended < @before ORDER BY ended LIMIT @count)",
            new { before, count },
            cancellationToken);
}

internal sealed record LineRow
{
    public required long Number { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required long Step { get; init; }

    public required string Level { get; init; }

    public required string Line { get; init; }

    public TaskLine Show() => new(Number, Time, (int)Step, Level, Line);
}
