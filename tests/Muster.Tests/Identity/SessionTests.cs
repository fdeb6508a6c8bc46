using System.Net;
using System.Net.Http.Json;
using Muster.Protocol.Edge;
using Muster.Protocol.Identity;
using Muster.Server.Edge;
using Muster.Testing;

namespace Muster.Tests.Identity;

public sealed class SessionTests : IAsyncLifetime
{
    private readonly MovableTime time = new();
    private MusterServer server = null!;

    public async ValueTask InitializeAsync() => server = await MusterServer.StartAsync(time: time);

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_change_from_a_browser_needs_the_sessions_own_header()
    {
        using var client = await server.SignInAsync();
        client.DefaultRequestHeaders.Remove(AccessMiddleware.CsrfHeader);
        var answer = await AddTokenAsync(client, "ci");
        Assert.Equal((HttpStatusCode.Forbidden, "csrf.missing"), (answer.StatusCode, await CodeAsync(answer)));

        client.DefaultRequestHeaders.Add(AccessMiddleware.CsrfHeader, new string('0', 64));
        Assert.Equal("csrf.missing", await CodeAsync(await AddTokenAsync(client, "ci")));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/tokens/list")).StatusCode);
    }

    [Fact]
    public async Task A_page_from_elsewhere_changes_nothing_and_signs_nobody_in()
    {
        using var client = await server.SignInAsync();
        client.DefaultRequestHeaders.Add("Origin", "https://evil.example");
        Assert.Equal("csrf.origin", await CodeAsync(await AddTokenAsync(client, "ci")));
        Assert.Equal("csrf.origin", await CodeAsync(await client.PostAsJsonAsync("/api/v1/login", new Login("admin", MusterServer.AdminPassword), WireJson.Options)));

        client.DefaultRequestHeaders.Remove("Origin");
        client.DefaultRequestHeaders.Add("Origin", $"https://localhost:{server.Port}");
        Assert.Equal(HttpStatusCode.OK, (await AddTokenAsync(client, "ci")).StatusCode);
    }

    [Fact]
    public async Task The_cookie_is_for_this_host_only_and_hidden_from_scripts()
    {
        using var client = server.CreateClient();
        var answer = await client.PostAsJsonAsync("/api/v1/login", new Login("admin", server.OneTimePassword!), WireJson.Options);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single();
        Assert.StartsWith("__Host-muster=", cookie, StringComparison.Ordinal);
        foreach (var part in new[] { "secure", "httponly", "samesite=strict", "path=/" })
        {
            Assert.Contains(part, cookie, StringComparison.OrdinalIgnoreCase);
        }

        Assert.DoesNotContain("domain", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_unused_session_ends_and_so_does_a_long_one()
    {
        using var unused = await server.SignInAsync();
        using var busy = await server.SignInAsync();
        for (var hours = 0; hours < 7 * 24; hours += 11)
        {
            Assert.Equal(HttpStatusCode.OK, (await busy.GetAsync("/api/v1/me")).StatusCode);
            time.Advance(TimeSpan.FromHours(11));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await unused.GetAsync("/api/v1/me")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await busy.GetAsync("/api/v1/me")).StatusCode);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_a_new_password_all_others()
    {
        using var one = await server.SignInAsync();
        using var two = await server.SignInAsync();
        using var three = await server.SignInAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await one.PostAsync("/api/v1/logout", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await one.GetAsync("/api/v1/me")).StatusCode);

        var changed = await two.PostAsJsonAsync("/api/v1/users/change-password", new ChangePassword(MusterServer.AdminPassword, "another long password"), WireJson.Options);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await two.GetAsync("/api/v1/me")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await three.GetAsync("/api/v1/me")).StatusCode);
    }

    [Fact]
    public async Task Guessing_is_slowed_and_says_how_long_to_wait()
    {
        using var client = server.CreateClient();
        for (var attempt = 0; attempt < 5; attempt++)
        {
            Assert.Equal("login.wrong", await CodeAsync(await LoginAsync(client, "wrong")));
        }

        var refused = await LoginAsync(client, server.OneTimePassword!);
        Assert.Equal((HttpStatusCode.TooManyRequests, "login.throttled"), (refused.StatusCode, await CodeAsync(refused)));
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("login.wrong", await CodeAsync(await LoginAsync(client, "wrong")));
        Assert.Equal(TimeSpan.FromSeconds(2), (await LoginAsync(client, "wrong")).Headers.RetryAfter!.Delta);

        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.OK, (await LoginAsync(client, server.OneTimePassword!)).StatusCode);
    }

    [Fact]
    public async Task A_wrong_name_and_a_wrong_password_get_the_same_answer()
    {
        using var client = server.CreateClient();
        var name = (await (await LoginAsync(client, "wrong", "nobody")).Content.ReadFromJsonAsync<Problem>(WireJson.Options))!;
        var password = (await (await LoginAsync(client, "wrong")).Content.ReadFromJsonAsync<Problem>(WireJson.Options))!;
        Assert.Equal((name.Code, name.Detail, name.Status), (password.Code, password.Detail, password.Status));
    }

    [Fact]
    public async Task A_token_ends_when_it_expires_or_is_deleted()
    {
        using var admin = await server.SignInAsync();
        var token = (await (await AddTokenAsync(admin, "short")).Content.ReadFromJsonAsync<TokenAdded>(WireJson.Options))!;
        using var client = server.CreateClient();
        client.DefaultRequestHeaders.Add("Authorization", "Bearer " + token.Token.Reveal());
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/tokens/list")).StatusCode);

        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal("token.expired", await CodeAsync(await client.GetAsync("/api/v1/tokens/list")));

        using var again = await server.SignInAsync();
        Assert.Equal(HttpStatusCode.OK, (await again.PostAsJsonAsync("/api/v1/tokens/delete", new DeleteToken(token.Id.ToString()), WireJson.Options)).StatusCode);
        Assert.Equal("token.unknown", await CodeAsync(await client.GetAsync("/api/v1/tokens/list")));
    }

    [Fact]
    public async Task A_token_makes_no_tokens()
    {
        using var client = await server.WithTokenAsync("*.*");
        Assert.Equal("token.from-token", await CodeAsync(await AddTokenAsync(client, "child")));
    }

    private static Task<HttpResponseMessage> LoginAsync(HttpClient client, string password, string name = "admin") =>
        client.PostAsJsonAsync("/api/v1/login", new Login(name, password), WireJson.Options);

    private static Task<HttpResponseMessage> AddTokenAsync(HttpClient client, string name) =>
        client.PostAsJsonAsync("/api/v1/tokens/add", new AddToken(name, ["Tokens.*"], 1), WireJson.Options);

    private static async Task<string> CodeAsync(HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<Problem>(WireJson.Options))!.Code;
}
