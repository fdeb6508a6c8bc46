using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Muster.Protocol.Edge;
using Muster.Protocol.Identity;
using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Server.Database;
using Muster.Server.Edge;
using Muster.Testing;

namespace Muster.Tests.Operations;

/// <summary>A plan is one person's, is applied once, and only while that person may.</summary>
public sealed class ApplyOnceTests : IAsyncLifetime
{
    private readonly MovableTime time = new();
    private MusterServer server = null!;
    private HttpClient admin = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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
    public async Task Two_plans_of_the_same_invitation_make_one_invitation_each_and_a_retry_none()
    {
        var first = await PlanAsync(admin, "machines/invite", new InviteMachine());
        var second = await PlanAsync(admin, "machines/invite", new InviteMachine());
        Assert.NotEqual(first.Hash, second.Hash);

        var lost = await TokenOfAsync(await ApplyAsync(admin, first));
        var other = await TokenOfAsync(await ApplyAsync(admin, second));
        var retried = await TokenOfAsync(await ApplyAsync(admin, first));

        Assert.Equal(lost, retried);
        Assert.NotEqual(lost, other);
        Assert.Equal(2, await CountAsync("invitations"));
    }

    [Fact]
    public async Task Applied_by_many_at_once_it_is_done_once_and_all_get_the_same_answer()
    {
        var plan = await PlanAsync(admin, "machines/invite", new InviteMachine());
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => await TokenOfAsync(await ApplyAsync(admin, plan))));
        Assert.Single(answers.Distinct());
        Assert.Equal(1, await CountAsync("invitations"));
    }

    [Fact]
    public async Task Asked_by_many_at_once_under_one_idempotency_key_it_is_done_once()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/machines/invite") { Content = JsonContent.Create(new InviteMachine(), options: WireJson.Options) };
            request.Headers.Add("Idempotency-Key", "once");
            return await TokenOfAsync(await admin.SendAsync(request, Cancellation));
        }));
        Assert.Single(answers.Distinct());
        Assert.Equal(1, await CountAsync("invitations"));
    }

    [Fact]
    public async Task What_a_person_planned_in_the_page_they_apply_from_a_shell()
    {
        var plan = await PlanAsync(admin, "machines/invite", new InviteMachine());
        using var shell = await server.WithTokenAsync("*.*");
        Assert.Equal(HttpStatusCode.OK, (await shell.GetAsync($"/api/v1/plans/{plan.Hash}", Cancellation)).StatusCode);
        Assert.Equal(await TokenOfAsync(await ApplyAsync(shell, plan)), await TokenOfAsync(await ApplyAsync(admin, plan)));
    }

    [Fact]
    public async Task A_plan_is_not_there_for_another_person_nor_for_a_token_without_its_operation()
    {
        var plan = await PlanAsync(admin, "machines/invite", new InviteMachine());
        await server.AddPersonAsync("eve", "*.*");
        using var eve = server.CreateClient();
        await MusterServer.LoginAsync(eve, MusterServer.AdminPassword, "eve");
        Assert.Equal("plan.unknown", await CodeAsync(await eve.GetAsync($"/api/v1/plans/{plan.Hash}", Cancellation)));
        Assert.Equal("plan.unknown", await CodeAsync(await ApplyAsync(eve, plan)));

        using var narrow = await server.WithTokenAsync("Machines.List");
        Assert.Equal("plan.unknown", await CodeAsync(await narrow.GetAsync($"/api/v1/plans/{plan.Hash}", Cancellation)));
        Assert.Equal("operation.denied", await CodeAsync(await ApplyAsync(narrow, plan)));
        Assert.Equal(0, await CountAsync("invitations"));
    }

    [Fact]
    public async Task A_plan_of_somebody_who_lost_the_right_is_refused()
    {
        await server.AddPersonAsync("eve", "Machines.Invite");
        using var eve = server.CreateClient();
        await MusterServer.LoginAsync(eve, MusterServer.AdminPassword, "eve");
        var plan = await PlanAsync(eve, "machines/invite", new InviteMachine());
        await ExecuteAsync("DELETE FROM grants WHERE pattern = 'Machines.Invite'");

        var answer = await ApplyAsync(eve, plan);

        Assert.Equal((HttpStatusCode.Forbidden, "operation.denied"), (answer.StatusCode, await CodeAsync(answer)));
        Assert.Equal(0, await CountAsync("invitations"));
    }

    [Fact]
    public async Task A_token_whose_owner_lost_a_right_has_lost_it_too()
    {
        await server.AddPersonAsync("eve", "*.*");
        using var eve = server.CreateClient();
        await MusterServer.LoginAsync(eve, MusterServer.AdminPassword, "eve");
        var made = await eve.PostAsJsonAsync("/api/v1/tokens/add", new AddToken("ci", ["*.*"]), WireJson.Options, Cancellation);
        using var token = server.CreateClient();
        token.DefaultRequestHeaders.Add("Authorization", "Bearer " + (await made.Content.ReadFromJsonAsync<TokenAdded>(WireJson.Options, Cancellation))!.Token.Reveal());
        Assert.Equal(HttpStatusCode.OK, (await token.GetAsync("/api/v1/images/list", Cancellation)).StatusCode);

        var owner = await Database.ReadAsync(sql => Muster.Server.Identity.UserStore.FindForLoginAsync(sql, "eve", Cancellation), Cancellation);
        await ExecuteAsync("UPDATE grants SET pattern = 'Machines.List' WHERE subject = @subject", new { subject = owner!.Id.ToString() });

        Assert.Equal("operation.denied", await CodeAsync(await token.GetAsync("/api/v1/images/list", Cancellation)));
        Assert.Equal(HttpStatusCode.OK, (await token.GetAsync("/api/v1/machines/list", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task The_sealed_arguments_of_a_plan_go_when_it_is_applied()
    {
        var answer = await admin.PostAsJsonAsync("/api/v1/users/change-password?plan=true", new ChangePassword(MusterServer.AdminPassword, "another long password"), WireJson.Options, Cancellation);
        var plan = (await answer.Content.ReadFromJsonAsync<Plan>(WireJson.Options, Cancellation))!;
        Assert.NotEqual(0, await SumAsync());

        Assert.Equal(HttpStatusCode.OK, (await ApplyAsync(admin, plan)).StatusCode);

        Assert.Equal(0, await SumAsync());
        Task<long> SumAsync() => Database.ReadAsync(sql => sql.GetAsync<long>("SELECT coalesce(sum(length(arguments)), 0) FROM plans", null, Cancellation), Cancellation);
    }

    private SqlDatabase Database => server.Services.GetRequiredService<SqlDatabase>();

    private static async Task<Plan> PlanAsync<T>(HttpClient client, string path, T arguments)
    {
        var answer = await client.PostAsJsonAsync($"/api/v1/{path}?plan=true", arguments, WireJson.Options, Cancellation);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
        return (await answer.Content.ReadFromJsonAsync<Plan>(WireJson.Options, Cancellation))!;
    }

    private static Task<HttpResponseMessage> ApplyAsync(HttpClient client, Plan plan) => client.PostAsync($"/api/v1/plans/{plan.Hash}/apply", null, Cancellation);

    private static async Task<string> TokenOfAsync(HttpResponseMessage answer)
    {
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
        return (await answer.Content.ReadFromJsonAsync<Invitation>(WireJson.Options, Cancellation))!.Token.Reveal();
    }

    private static async Task<string> CodeAsync(HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<Problem>(WireJson.Options, Cancellation))!.Code;

    private Task<long> CountAsync(string table) => Database.ReadAsync(sql => sql.GetAsync<long>($"SELECT count(*) FROM {table}", null, Cancellation), Cancellation);

    private async Task ExecuteAsync(string sql, object? arguments = null) => Assert.Equal(1, await Database.WriteAsync(write => write.ExecuteAsync(sql, arguments, Cancellation), Cancellation));
}
