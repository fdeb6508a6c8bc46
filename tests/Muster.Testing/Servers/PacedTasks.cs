using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Muster.Core.Problems;
using Muster.Protocol.Tasks;
using Muster.Server;
using Muster.Server.Database;
using Muster.Server.Identity;
using Muster.Server.Operations;
using Muster.Server.Tasks;

namespace Muster.Testing;

/// <summary>Tasks of a server that go on when the test says so, and say as much as it wants.</summary>
/// <param name="lines">How many lines the first step says.</param>
internal sealed class PacedTasks(int lines = 1)
{
    private readonly Channel<ProblemException?> turns = Channel.CreateUnbounded<ProblemException?>();

    public void AddTo(IServiceCollection services) => services.AddSingleton<TaskDefinition>(new Definition(this));

    public async Task<TaskId> BeginAsync(MusterServer server, string title)
    {
        var database = server.Services.GetRequiredService<SqlDatabase>();
        var user = (await database.ReadAsync(sql => UserStore.FindForLoginAsync(sql, Setup.AdministratorName, CancellationToken.None), CancellationToken.None))!;
        var context = (WriteSql sql) => new ApplyContext(new Caller(CallerKind.User, user.Organisation, "tester", "tester"), sql, TimeProvider.System.GetUtcNow());
        var begun = await database.WriteAsync(
            sql => server.Services.GetRequiredService<TaskStarter>().StartAsync(context(sql), new Definition(this), new Nothing(), title, null, CancellationToken.None), CancellationToken.None);
        return begun.Id;
    }

    /// <summary>Lets the second step end, now or when it comes to it.</summary>
    public void GoOn() => turns.Writer.TryWrite(null);

    /// <summary>Has the second step fail for good.</summary>
    public void Fail(string why) => turns.Writer.TryWrite(new ProblemException(ProblemKind.Full, "test.full", why));

    private async Task SpeakAsync(TaskContext task, CancellationToken cancellationToken)
    {
        for (var number = 1; number <= lines; number++)
        {
            task.Say($"line {number} of {lines}", number % 1000 == 7 ? "warning" : "info");
        }

        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task WaitAsync(TaskContext task, CancellationToken cancellationToken)
    {
        task.Report(new TaskProgress(412_000_000, 1_204_000_000, "bytes", "disk 2"));
        if (await turns.Reader.ReadAsync(cancellationToken) is { } problem)
        {
            throw problem;
        }
    }

    private sealed record Nothing;

    private sealed class Definition(PacedTasks owner) : TaskDefinition<Nothing>
    {
        public override string Kind => "Tests.Pace";

        public override IReadOnlyList<TaskStep> Steps(Nothing arguments) =>
        [
            new("speak", "Speak", owner.SpeakAsync) { UndoAsync = (_, _) => Task.CompletedTask },
            new("copy", "Copy disks", owner.WaitAsync),
        ];
    }
}
