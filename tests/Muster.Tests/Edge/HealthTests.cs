using System.Net;
using System.Net.Http.Json;
using Muster.Protocol.Edge;
using Muster.Server.Edge;
using Muster.Testing;

namespace Muster.Tests.Edge;

public sealed class HealthTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_whose_objects_are_gone_lives_but_is_not_ready_until_they_are_back()
    {
        var time = new MovableTime();
        await using var server = await MusterServer.StartAsync(time: time);
        using var nobody = server.CreateClient();
        Assert.Equal("ready\n", await nobody.GetStringAsync("/readyz", Cancellation));

        var objects = Path.Combine(server.DataDirectory, "objects");
        Directory.Move(objects, objects + ".away");
        time.Advance(TimeSpan.FromSeconds(5));
        var answer = await nobody.GetAsync("/readyz", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("objects.unusable", (await answer.Content.ReadFromJsonAsync<Problem>(WireJson.Options, Cancellation))!.Code);
        Assert.Equal("ok\n", await nobody.GetStringAsync("/healthz", Cancellation));

        Directory.Move(objects + ".away", objects);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("ready\n", await nobody.GetStringAsync("/readyz", Cancellation));
    }

    [Fact]
    public async Task Asking_whether_it_is_ready_leaves_nothing_behind_among_the_objects()
    {
        await using var server = await MusterServer.StartAsync();
        using var nobody = server.CreateClient();
        var before = Files();
        await nobody.GetStringAsync("/readyz", Cancellation);
        Assert.Equal(before, Files());
        List<string> Files() => [.. Directory.EnumerateFiles(Path.Combine(server.DataDirectory, "objects"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Metrics_are_read_in_Prometheus_form_by_a_token_that_may()
    {
        await using var server = await MusterServer.StartAsync();
        using var monitoring = await server.WithTokenAsync("Metrics.Show");

        var answer = await monitoring.GetAsync("/metrics", Cancellation);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        var lines = (await answer.Content.ReadAsStringAsync(Cancellation)).Split('\n');
        Assert.Contains("# TYPE muster_operations_applied_total counter", lines);
        Assert.Contains("muster_operations_applied_total{operation=\"Tokens.Add\"} 1", lines);
        Assert.Contains(lines, line => line.StartsWith("http_server_request_duration_seconds_count{", StringComparison.Ordinal));
    }
}
