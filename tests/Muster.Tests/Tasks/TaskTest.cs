using Microsoft.Extensions.DependencyInjection;
using Muster.Protocol.Operations;
using Muster.Protocol.Tasks;
using Muster.Server;
using Muster.Server.Database;
using Muster.Server.Identity;
using Muster.Server.Operations;
using Muster.Server.Tasks;
using Muster.Tests.Machines;

namespace Muster.Tests.Tasks;

/// <summary>A server with a kind of task whose steps the test says.</summary>
public abstract class TaskTest : FleetTest
{
    private protected ScriptedTask Script { get; } = new();

    private protected SqlDatabase Database => Server.Services.GetRequiredService<SqlDatabase>();

    private protected override void AddParts(IServiceCollection services) => services.AddSingleton<TaskDefinition>(Script);

    private protected async Task<TaskSummary> StartAsync(params TaskStep[] steps)
    {
        Script.All = steps;
        var user = (await Database.ReadAsync(sql => UserStore.FindForLoginAsync(sql, Setup.AdministratorName, Cancellation), Cancellation))!;
        return await StartForAsync(user.Organisation);
    }

    private protected Task<TaskSummary> StartForAsync(OrganisationId organisation) => Database.WriteAsync(
        sql => Server.Services.GetRequiredService<TaskStarter>().StartAsync(
            new ApplyContext(new Caller(CallerKind.User, organisation, "tester", "tester"), sql, TimeProvider.System.GetUtcNow()), Script, new ScriptedArguments(), "Do as the test says", null, Cancellation),
        Cancellation);

    private protected Task<TaskDetails> ShowAsync(TaskSummary task) => GetAsync<TaskDetails>($"tasks/show?task={task.Id}");

    private protected Task<TaskDetails> UntilEndedAsync(TaskSummary task) => UntilAsync(task, details => details.Summary.EndedAt is not null);

    private protected async Task<TaskDetails> UntilAsync(TaskSummary task, Func<TaskDetails, bool> good)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            var details = await ShowAsync(task);
            if (good(details))
            {
                return details;
            }

            await again.WaitForNextTickAsync(Cancellation);
        }
    }

    private protected async Task<IReadOnlyList<string>> LogAsync(TaskSummary task) => [.. (await GetAsync<Listing<TaskLine>>($"tasks/log?task={task.Id}")).Items.Select(line => line.Text)];
}

internal sealed record ScriptedArguments;

internal sealed class ScriptedTask : TaskDefinition<ScriptedArguments>
{
    public IReadOnlyList<TaskStep> All { get; set; } = [];

    public TimeSpan Quiet { get; set; } = TimeSpan.FromMinutes(10);

    public override TimeSpan Grace => TimeSpan.FromMilliseconds(100);

    public override string Kind => "Tests.Run";

    public override int Attempts => 3;

    public override TimeSpan Silence => Quiet;

    public override IReadOnlyList<TaskStep> Steps(ScriptedArguments arguments) => All;
}
