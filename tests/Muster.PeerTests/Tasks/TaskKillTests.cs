using System.Diagnostics;
using System.Net.Http.Json;
using Muster.PeerTests.Database;
using Muster.Protocol.Events;
using Muster.Protocol.Operations;
using Muster.Protocol.Tasks;
using Muster.Server.Edge;
using Muster.Testing;

namespace Muster.PeerTests.Tasks;

/// <summary>Tasks outlive the server that runs them.</summary>
public sealed class TaskKillTests(Postgres postgres) : IDisposable
{
    private const int Files = 1500;
    private const int Together = 3;

    private readonly TemporaryFolder folder = new();
    private string? databaseFile;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Data => folder.Under("data");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tasks_go_on_after_each_kill_of_the_server_and_each_tells_its_result_once(bool onPostgres)
    {
        if (onPostgres)
        {
            databaseFile = folder.Under("database");
            ConnectionFiles.Write(databaseFile, await (await postgres.Server).MakeDatabaseAsync(Cancel));
        }

        await ServerProcess.InitialiseAsync(Data, Cancel, databaseFile: databaseFile);
        var token = await InstallationAccess.MakeTokenAsync(Data, Cancel, databaseFile);
        await AddImageAsync(token);

        var length = TimeSpan.FromSeconds(2);
        // After each kill its hold on the tasks has to end, which takes ten seconds: that is what these rounds cost.
        for (var round = 0; round < Series.Rounds(20, 4); round++)
        {
            var random = Series.Random(round);
            var tasks = new List<TaskId>();
            var from = Stopwatch.StartNew();
            await using (var server = await StartAsync())
            {
                using var client = await OpenAsync(server, token);
                for (var one = 0; one < Together; one++)
                {
                    tasks.Add((await PostAsync<TaskSummary>(client, "images/verify", new { image = "web/1" })).Id);
                }

                using var moment = new PeriodicTimer(TimeSpan.FromMilliseconds(1 + (random.NextDouble() * length.TotalMilliseconds)));
                await moment.WaitForNextTickAsync(Cancel);
                await server.KillAsync(Cancel);
            }

            await using var again = await StartAsync();
            using var asking = await OpenAsync(again, token);
            foreach (var task in tasks)
            {
                await UntilDoneAsync(asking, task, $"seed {Series.Seed}, round {round}");
            }

            length = (length * 0.7) + (from.Elapsed * 0.1);
            var results = await CountResultsAsync(asking, (round + 1) * Together);
            Assert.True((round + 1) * Together == results, $"seed {Series.Seed}, round {round}: {results} results of {(round + 1) * Together} tasks");
        }
    }

    // Events are seen once they have their numbers, for which a killed server's lease has to end. One too many is seen in the next round at the latest.
    private static async Task<long> CountResultsAsync(HttpClient client, long expected)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            if ((await GetAsync<Listing<Event>>(client, "events/list?kind=image.verified&limit=1")).Total is var total && total >= expected)
            {
                return total;
            }

            await again.WaitForNextTickAsync(Cancel);
        }
    }

    private static async Task UntilDoneAsync(HttpClient client, TaskId id, string when)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var task = await GetAsync<TaskDetails>(client, $"tasks/show?task={id}");
            if (task.Summary.EndedAt is not null)
            {
                Assert.True(task.Summary.State == TaskState.Done, $"{when}: {task.Summary.Why}");
                Assert.All(task.Steps, step => Assert.Equal(TaskStepState.Done, step.State));
                return;
            }

            await again.WaitForNextTickAsync(Cancel);
        }
    }

    private async Task AddImageAsync(string token)
    {
        var tree = Directory.CreateDirectory(folder.Under("tree")).FullName;
        for (var number = 0; number < Files; number++)
        {
            await File.WriteAllTextAsync(Path.Combine(tree, $"file-{number}"), $"content {number}", Cancel);
        }

        await using var server = await StartAsync();
        await File.WriteAllTextAsync(folder.Under("authority.pem"), await server.GetAuthorityAsync(Cancel), Cancel);
        var muster = new MusterCommandLine(server.Address, token, folder.Under("authority.pem"), home: folder.Under("home"));
        await muster.AskAsync(["images", "add", "web/1", "--from", tree, "--yes"], Cancel);
    }

    private Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(Data, 0, null, null, null, Cancel, databaseFile: databaseFile);

    private async Task<HttpClient> OpenAsync(ServerProcess server, string token)
    {
        await File.WriteAllTextAsync(folder.Under("authority.pem"), await server.GetAuthorityAsync(Cancel), Cancel);
        var client = server.OpenClient(folder.Under("authority.pem"));
        client.DefaultRequestHeaders.Add("Authorization", "Bearer " + token);
        return client;
    }

    private static async Task<T> PostAsync<T>(HttpClient client, string path, object arguments)
    {
        var answer = await client.PostAsJsonAsync("/api/v1/" + path, arguments, WireJson.Options, Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        return (await answer.Content.ReadFromJsonAsync<T>(WireJson.Options, Cancel))!;
    }

    private static async Task<T> GetAsync<T>(HttpClient client, string path) => (await client.GetFromJsonAsync<T>("/api/v1/" + path, WireJson.Options, Cancel))!;
}
