using System.Net;
using System.Net.Http.Json;
using System.Text;
using Muster.Protocol.Edge;
using Muster.Protocol.Identity;
using Muster.Protocol.Operations;
using Muster.Server.Edge;
using Muster.Testing;

namespace Muster.Tests.Operations;

public sealed class PlanTests : IAsyncLifetime
{
    private readonly MovableTime time = new();
    private MusterServer server = null!;
    private HttpClient admin = null!;

    public async ValueTask InitializeAsync()
    {
        server = await MusterServer.StartAsync(time: time);
        admin = await server.SignInAsync();
    }

    public async ValueTask DisposeAsync()
    {
        admin.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_plan_is_applied_once_and_asked_again_returns_the_first_result()
    {
        var plan = await PlanAsync("tokens/add", new AddToken("ci", ["Tokens.List"]));
        Assert.Equal("Make the API token ci for admin", plan.Sentence);

        var first = await ApplyAsync(plan);
        var second = await ApplyAsync(plan);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Single((await admin.GetFromJsonAsync<Listing<TokenSummary>>("/api/v1/tokens/list", WireJson.Options))!.Items);
    }

    [Fact]
    public async Task A_plan_is_refused_when_the_world_moved_and_says_what_moved()
    {
        await RunAsync("tokens/add", new AddToken("ci", ["Tokens.List"]));
        var plan = await PlanAsync("tokens/delete", new DeleteToken("ci"));
        await RunAsync("tokens/delete", new DeleteToken("ci"));

        var answer = await ApplyAsync(plan);
        var problem = await ProblemAsync(answer);
        Assert.Equal((HttpStatusCode.Conflict, "plan.stale"), (answer.StatusCode, problem.Code));
        Assert.NotEmpty(problem.Moved!);

        // The same name, another token: it is not the one that was to be deleted.
        await RunAsync("tokens/add", new AddToken("ci", ["Tokens.List"]));
        Assert.Equal("plan.stale", (await ProblemAsync(await ApplyAsync(plan))).Code);
    }

    [Fact]
    public async Task A_plan_ends_after_a_day()
    {
        var plan = await PlanAsync("tokens/add", new AddToken("ci", ["Tokens.List"]));
        time.Advance(TimeSpan.FromHours(11));
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync($"/api/v1/plans/{plan.Hash}")).StatusCode);
        time.Advance(TimeSpan.FromHours(11));
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync($"/api/v1/plans/{plan.Hash}")).StatusCode);
        time.Advance(TimeSpan.FromHours(3));
        Assert.Equal((HttpStatusCode.NotFound, "plan.unknown"), ((await ApplyAsync(plan)).StatusCode, (await ProblemAsync(await ApplyAsync(plan))).Code));
    }

    [Fact]
    public async Task Secret_arguments_are_not_readable_in_a_plan()
    {
        var answer = await admin.PostAsJsonAsync("/api/v1/users/change-password?plan=true", new ChangePassword(MusterServer.AdminPassword, "another long password"), WireJson.Options);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain("another long password", text, StringComparison.Ordinal);
        Assert.DoesNotContain(MusterServer.AdminPassword, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_idempotency_key_does_it_once()
    {
        var first = await RunAsync("tokens/add", new AddToken("ci", ["Tokens.List"]), "key-1");
        var again = await RunAsync("tokens/add", new AddToken("ci", ["Tokens.List"]), "key-1");
        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());

        var other = await RunAsync("tokens/add", new AddToken("other", ["Tokens.List"]), "key-1");
        Assert.Equal((HttpStatusCode.Conflict, "idempotency.reused"), (other.StatusCode, (await ProblemAsync(other)).Code));
    }

    [Fact]
    public async Task All_faults_are_reported_together_by_the_names_that_were_typed()
    {
        var types = await ProblemAsync(await PostAsync("tokens/add", """{"name": 7, "days": "many", "unknown": true}"""));
        Assert.Equal(["days", "name", "operations"], types.Faults!.Select(fault => fault.Argument).Order(StringComparer.Ordinal));

        // What is wrong with the form of one does not hide what is wrong with the value of another.
        var both = await ProblemAsync(await PostAsync("tokens/add", """{"name": 7, "operations": ["Tokens.List", null], "days": 0}"""));
        Assert.Equal(["days", "name", "operations"], both.Faults!.Select(fault => fault.Argument).Order(StringComparer.Ordinal));

        var values = await ProblemAsync(await PostAsync("tokens/add", """{"name": "", "operations": ["images.*", "Images"], "days": 0}"""));
        Assert.Equal(["days", "name", "operations", "operations"], values.Faults!.Select(fault => fault.Argument).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("not json", "body.not-json")]
    [InlineData("[]", "body.not-object")]
    [InlineData("", "arguments.invalid")]
    [InlineData("""{"name":"a","name":"b"}""", "body.not-json")]
    public async Task A_body_that_is_no_set_of_arguments_says_why(string body, string code)
    {
        var answer = await PostAsync("tokens/add", body);
        Assert.Equal((HttpStatusCode.BadRequest, code), (answer.StatusCode, (await ProblemAsync(answer)).Code));
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/tokens/add") { Content = new StringContent(new string('x', 9 << 20), Encoding.UTF8, "application/json") };
        request.Headers.ExpectContinue = true;
        var answer = await admin.SendAsync(request);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "body.too-large"), (answer.StatusCode, (await ProblemAsync(answer)).Code));
    }

    [Fact]
    public async Task A_read_that_did_not_change_costs_no_body()
    {
        var first = await admin.GetAsync("/api/v1/tokens/list");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/v1/tokens/list") { Headers = { { "If-None-Match", first.Headers.ETag!.ToString() } } };
        Assert.Equal(HttpStatusCode.NotModified, (await admin.SendAsync(again)).StatusCode);
        await RunAsync("tokens/add", new AddToken("ci", ["Tokens.List"]));
        using var later = new HttpRequestMessage(HttpMethod.Get, "/api/v1/tokens/list") { Headers = { { "If-None-Match", first.Headers.ETag!.ToString() } } };
        Assert.Equal(HttpStatusCode.OK, (await admin.SendAsync(later)).StatusCode);
    }

    [Fact]
    public async Task Pages_of_a_list_hold_every_item_once()
    {
        for (var index = 0; index < 7; index++)
        {
            await RunAsync("tokens/add", new AddToken("t" + index, ["Tokens.List"]));
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await admin.GetFromJsonAsync<Listing<TokenSummary>>("/api/v1/tokens/list?limit=3" + (cursor is null ? "" : "&cursor=" + cursor), WireJson.Options);
            Assert.Equal(7, page!.Total);
            seen.AddRange(page.Items.Select(token => token.Name));
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal(["t0", "t1", "t2", "t3", "t4", "t5", "t6"], seen);
        var wrong = await ProblemAsync(await admin.GetAsync("/api/v1/tokens/list?cursor=nonsense&limit=many"));
        Assert.Equal(["limit"], wrong.Faults!.Select(fault => fault.Argument));
    }

    [Fact]
    public async Task A_list_of_tokens_comes_in_the_order_that_was_asked_for()
    {
        foreach (var (name, days) in new[] { ("b", 3), ("a", 2), ("C", 1) })
        {
            await RunAsync("tokens/add", new AddToken(name, ["Tokens.List"], days));
        }

        Assert.Equal(["C", "a", "b"], await NamesAsync("name"));
        Assert.Equal(["b", "a", "C"], await NamesAsync("-name"));
        Assert.Equal(["C", "a", "b"], await NamesAsync("expiresAt"));
        Assert.Equal(["b"], await NamesAsync("name&search=B"));
        Assert.Equal("sort", Assert.Single((await ProblemAsync(await admin.GetAsync("/api/v1/tokens/list?sort=nonsense"))).Faults!).Argument);
        async Task<IEnumerable<string>> NamesAsync(string sort) =>
            (await admin.GetFromJsonAsync<Listing<TokenSummary>>("/api/v1/tokens/list?sort=" + sort, WireJson.Options))!.Items.Select(token => token.Name);
    }

    private static async Task<Problem> ProblemAsync(HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<Problem>(WireJson.Options))!;

    private async Task<Plan> PlanAsync<T>(string path, T arguments)
    {
        var answer = await admin.PostAsJsonAsync($"/api/v1/{path}?plan=true", arguments, WireJson.Options);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<Plan>(WireJson.Options))!;
    }

    private Task<HttpResponseMessage> ApplyAsync(Plan plan) => admin.PostAsync($"/api/v1/plans/{plan.Hash}/apply", null);

    private async Task<HttpResponseMessage> RunAsync<T>(string path, T arguments, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/" + path) { Content = JsonContent.Create(arguments, options: WireJson.Options) };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await admin.SendAsync(request);
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await admin.PostAsync("/api/v1/" + path, content);
    }
}
