using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Muster.Core.Problems;
using Muster.Protocol.Edge;
using Muster.Server.Edge;
using Muster.Server.Identity;
using Muster.Testing;

namespace Muster.Tests.Edge;

/// <summary>How failures leave the server: as answers by the table, and as log lines that nobody can flood.</summary>
public sealed class ProblemTests
{
    private readonly MovableTime time = new();
    private readonly KeptLog<RefusalLog> log = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(ProblemKind.Invalid), 400)]
    [InlineData(nameof(ProblemKind.Unauthenticated), 401)]
    [InlineData(nameof(ProblemKind.Denied), 403)]
    [InlineData(nameof(ProblemKind.NotFound), 404)]
    [InlineData(nameof(ProblemKind.Conflict), 409)]
    [InlineData(nameof(ProblemKind.TooLarge), 413)]
    [InlineData(nameof(ProblemKind.Throttled), 429)]
    [InlineData(nameof(ProblemKind.Bug), 500)]
    [InlineData(nameof(ProblemKind.Unavailable), 503)]
    [InlineData(nameof(ProblemKind.Full), 507)]
    public async Task Each_kind_has_its_status_and_says_everything_in_the_same_form(string kind, int status)
    {
        var wait = kind == nameof(ProblemKind.Throttled) ? TimeSpan.FromSeconds(1.5) : (TimeSpan?)null;
        await using var server = await MusterServer.StartAsync(more: app => app
            .MapGet("/test", (RequestDelegate)(_ => throw new ProblemException(Enum.Parse<ProblemKind>(kind), "test.code", "what happened") { RetryAfter = wait }))
            .For(new Access.Everybody("a test")));
        using var client = server.CreateClient();
        client.DefaultRequestHeaders.Add(ProblemMiddleware.CorrelationHeader, "number-of-the-caller");

        var answer = await client.GetAsync("/test", Cancellation);

        Assert.Equal((status, Problem.MediaType), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        var problem = (await answer.Content.ReadFromJsonAsync<Problem>(WireJson.Options, Cancellation))!;
        Assert.Equal((status, "test.code", "what happened", "number-of-the-caller"), (problem.Status, problem.Code, problem.Detail, problem.Correlation));
        Assert.Equal(char.ToLowerInvariant(kind[0]) + kind[1..], problem.Kind);
        Assert.Equal(wait is null ? null : TimeSpan.FromSeconds(2), answer.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task A_method_that_an_address_does_not_know_is_405_with_those_it_knows()
    {
        await using var server = await MusterServer.StartAsync();
        using var client = server.CreateClient();
        var answer = await client.PostAsync("/healthz", null, Cancellation);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["GET"], answer.Content.Headers.Allow);
        Assert.Equal("route.method", (await answer.Content.ReadFromJsonAsync<Problem>(WireJson.Options, Cancellation))!.Code);
    }

    [Fact]
    public void An_outage_is_told_once_and_again_only_after_it_was_over()
    {
        var refusals = new RefusalLog(time, log);
        for (var minute = 0; minute < 60; minute++)
        {
            refusals.Waits("database.full", "no room left");
            time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal((LogLevel.Warning, "no room left (database.full)"), Assert.Single(log.Lines));
        refusals.Waits("objects.full", "no room left");
        time.Advance(TimeSpan.FromMinutes(10));
        refusals.Waits("database.full", "no room left");
        Assert.Equal(3, log.Lines.Count);
    }

    [Fact]
    public void Who_is_not_let_in_is_told_without_what_they_showed_and_does_not_fill_the_disk()
    {
        var refusals = new RefusalLog(time, log);
        var http = new DefaultHttpContext();
        http.Request.Method = "POST";
        http.Request.Path = "/api/v1/machines/delete\nforged line";
        http.Request.QueryString = new QueryString("?token=mst_hidden");
        http.Request.Headers.Authorization = "Bearer mst_hidden";
        http.Features.Set(new Caller(CallerKind.Token, default, "tok_1", "ci"));
        for (var knock = 0; knock < 1000; knock++)
        {
            refusals.Refused(http, "operation.denied");
        }

        Assert.Equal(60, log.Lines.Count);
        Assert.Equal((LogLevel.Information, "Refused ci from (null): POST /api/v1/machines/delete%0Aforged%20line: operation.denied"), log.Lines[0]);
        time.Advance(TimeSpan.FromMinutes(1));
        refusals.Refused(http, "operation.denied");
        Assert.Equal("940 more were refused within a minute", log.Lines[60].Text);
    }
}
