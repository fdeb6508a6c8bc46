using Microsoft.Extensions.DependencyInjection;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Protocol.Images;
using Muster.Protocol.Operations;
using Muster.Protocol.Tasks;
using Muster.Server.Operations;
using Muster.Server.Tasks;
using Muster.Tests.Machines;
using Muster.Tests.Objects;
using Xunit;

namespace Muster.Tests.Tasks;

/// <summary>
/// What holds for every kind of task that the server has, whoever wrote it: each step in turn is repeated after it was done, and fails
/// before and after it was done. A new kind adds a line to <see cref="Begin"/>.
/// </summary>
public sealed class TaskContractTests : FleetTest
{
    private static readonly SmallImage Image = SmallImage.With("welcome");

    private readonly Disturbance disturbance = new();

    /// <summary>How a task of each kind is begun on a server that has the image web/1.</summary>
    private static readonly Dictionary<string, (string Path, object Arguments)> Begin = new()
    {
        ["Images.Verify"] = ("images/verify", new VerifyImage("web/1")),
    };

    [Fact]
    public void Every_kind_has_a_beginning_here_and_is_an_operation() => Assert.All(
        Server.Services.GetServices<TaskDefinition>(),
        definition =>
        {
            Assert.Contains(definition.Kind, Begin.Keys);
            Assert.True(Server.Services.GetRequiredService<OperationRegistry>().TryFind(definition.Kind, out _), definition.Kind);
        });

    [Fact]
    public Task Every_step_can_repeat() => EachAsync(async (kind, step) =>
    {
        disturbance.Set(step, true, new ProblemException(ProblemKind.Unavailable, "test.interrupted", "it was done, and nobody knows") { RetryAfter = TimeSpan.FromMilliseconds(1) });

        var ended = await RunAsync(kind);

        Assert.Equal((TaskState.Done, 2), (ended.Summary.State, ended.Steps.First(one => one.Name == step).Attempts));
        Assert.All(ended.Steps.Where(one => one.Name != step), one => Assert.Equal(1, one.Attempts));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Every_step_can_fail(bool after) => EachAsync(async (kind, step) =>
    {
        disturbance.Set(step, after, new ProblemException(ProblemKind.Conflict, "test.failed", "it cannot be"));

        var ended = await RunAsync(kind);

        Assert.Equal((TaskState.Failed, "test.failed"), (ended.Summary.State, ended.Summary.Code));
        Assert.All(ended.Steps.Where(one => one.MayUndo), one => Assert.True(one.State is TaskStepState.Undone or TaskStepState.Waiting, $"{one.Name} is {one.State}"));

        // And what failed can be tried again.
        await PostAsync<TaskSummary>("tasks/retry", new Protocol.Tasks.RetryTask(ended.Summary.Id.ToString()));
        Assert.Equal(TaskState.Done, (await UntilEndedAsync(ended.Summary)).Summary.State);
    });

    [Fact]
    public async Task An_image_is_verified_and_what_is_damaged_is_found_and_told()
    {
        await AddImageAsync("web/1", Image);
        Assert.Equal(TaskState.Done, (await RunAsync("Images.Verify")).Summary.State);

        var digest = Digest.Of(Image.File).ToString();
        var path = Path.Combine(Server.DataDirectory, "objects", "file", digest[..2], digest);
        var bytes = await File.ReadAllBytesAsync(path, Cancellation);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Cancellation);
        var ended = await RunAsync("Images.Verify");

        Assert.Equal((TaskState.Failed, "image.damaged"), (ended.Summary.State, ended.Summary.Code));
        Assert.Contains("1 objects of web/1 are damaged", ended.Summary.Why, StringComparison.Ordinal);
        Assert.Contains((await GetAsync<Listing<TaskLine>>($"tasks/log?task={ended.Summary.Id}")).Items, line => line.Level == "error" && line.Text.Contains(digest, StringComparison.Ordinal));
    }

    private protected override void AddParts(IServiceCollection services)
    {
        foreach (var one in services.Where(one => one.ServiceType == typeof(TaskDefinition)).ToList())
        {
            services.Remove(one);
            services.AddSingleton<TaskDefinition>(provider => new Disturbed((TaskDefinition)one.ImplementationFactory!(provider), disturbance));
        }
    }

    private async Task EachAsync(Func<string, string, Task> check)
    {
        await AddImageAsync("web/1", Image);
        foreach (var kind in Begin.Keys)
        {
            disturbance.Set(null, false, null);
            foreach (var step in (await RunAsync(kind)).Steps)
            {
                await check(kind, step.Name);
            }
        }
    }

    private async Task<TaskDetails> RunAsync(string kind) => await UntilEndedAsync(await PostAsync<TaskSummary>(Begin[kind].Path, Begin[kind].Arguments));

    private async Task<TaskDetails> UntilEndedAsync(TaskSummary task)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            var details = await GetAsync<TaskDetails>($"tasks/show?task={task.Id}");
            if (details.Summary.EndedAt is not null)
            {
                return details;
            }

            await again.WaitForNextTickAsync(Cancellation);
        }
    }

    /// <summary>What goes wrong next, once.</summary>
    private sealed class Disturbance
    {
        private string? step;
        private bool after;
        private ProblemException? problem;

        public void Set(string? where, bool afterwards, ProblemException? what) => (step, after, problem) = (where, afterwards, what);

        public void Strike(string where, bool afterwards)
        {
            if (step == where && after == afterwards && Interlocked.Exchange(ref problem, null) is { } now)
            {
                throw now;
            }
        }
    }

    private sealed class Disturbed(TaskDefinition real, Disturbance disturbance) : TaskDefinition
    {
        public override string Kind => real.Kind;

        public override IReadOnlyList<TaskStep> StepsOf(string arguments) => [.. real.StepsOf(arguments).Select(step => step with
        {
            DoAsync = async (context, cancellation) =>
            {
                disturbance.Strike(step.Name, false);
                await step.DoAsync(context, cancellation);
                disturbance.Strike(step.Name, true);
            },
        })];
    }
}
