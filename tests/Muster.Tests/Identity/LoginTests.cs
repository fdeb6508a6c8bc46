using System.Net;
using System.Net.Http.Json;
using Muster.Protocol.Edge;
using Muster.Protocol.Identity;
using Muster.Protocol.Operations;
using Muster.Server.Edge;
using Muster.Testing;

namespace Muster.Tests.Identity;

public sealed class LoginTests
{
    [Fact]
    public async Task A_one_time_password_allows_nothing_but_changing_it()
    {
        await using var server = await MusterServer.StartAsync();
        using var client = server.CreateClient();

        var me = await MusterServer.LoginAsync(client, server.OneTimePassword!);
        Assert.True(me.MustChangePassword);
        var refused = await client.GetAsync("/api/v1/tokens/list");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("password.change-first", (await refused.Content.ReadFromJsonAsync<Problem>(WireJson.Options))!.Code);

        var change = new ChangePassword(server.OneTimePassword!, MusterServer.AdminPassword);
        (await client.PostAsJsonAsync("/api/v1/users/change-password", change, WireJson.Options)).EnsureSuccessStatusCode();
        (await client.GetAsync("/api/v1/tokens/list")).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task A_token_may_use_only_what_it_was_made_for()
    {
        await using var server = await MusterServer.StartAsync();
        using var client = await server.WithTokenAsync("Tokens.List");

        var tokens = await client.GetFromJsonAsync<Listing<TokenSummary>>("/api/v1/tokens/list", WireJson.Options);
        Assert.Single(tokens!.Items);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/api/v1/operations/list")).StatusCode);
    }
}
