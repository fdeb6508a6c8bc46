using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Server.Database;
using Muster.Server.Edge;
using Muster.Testing;
using Xunit;

namespace Muster.Tests.Machines;

public sealed class JoinTests : FleetTest
{
    [Fact]
    public async Task A_machine_joins_with_its_line_and_is_listed()
    {
        var invitation = await PaperAgent.InviteAsync(Admin);
        Assert.Matches($"^curl -fsSk --pinnedpubkey 'sha256//[^;]+;sha256//[^;]+' https://localhost:{Server.Port}/join \\| MUSTER_JOIN=msj_[A-Za-z0-9_-]{{43}} sh$", invitation.Line.Reveal());

        using var agent = await PaperAgent.JoinAsync(Server, invitation.Token.Reveal());

        Assert.Equal(30, (await agent.HelloAsync()).HeartbeatSeconds);
        Assert.Equal("web-1", Assert.Single((await GetAsync<Listing<MachineSummary>>("machines/list")).Items).Name);
        Assert.Equal("Debian 12", (await ShowAsync(agent)).Facts!.OperatingSystem);
    }

    [Fact]
    public async Task Each_thing_wrong_with_a_token_has_its_own_code()
    {
        Assert.Equal("join.token-unknown", await RefusalAsync("msj_wrong"));

        var used = await PaperAgent.InviteAsync(Admin);
        (await PaperAgent.JoinAsync(Server, used.Token.Reveal())).Dispose();
        Assert.Equal("join.token-used", await RefusalAsync(used.Token.Reveal()));

        var expired = await PaperAgent.InviteAsync(Admin);
        await Server.Services.GetRequiredService<SqlDatabase>().WriteAsync(sql => sql.ExecuteAsync("UPDATE invitations SET expires = 1 WHERE used = 0", null, Cancellation), Cancellation);
        Assert.Equal("join.token-expired", await RefusalAsync(expired.Token.Reveal()));
        Assert.Single((await GetAsync<Listing<MachineSummary>>("machines/list")).Items);
    }

    [Fact]
    public async Task The_secret_of_an_invitation_is_not_in_the_database()
    {
        var invitation = await PaperAgent.InviteAsync(Admin);
        var hashes = await Server.Services.GetRequiredService<SqlDatabase>().ReadAsync(sql => sql.QueryAsync<string>("SELECT hash FROM invitations", null, Cancellation), Cancellation);
        Assert.DoesNotContain(invitation.Token.Reveal(), Assert.Single(hashes));
    }

    [Fact]
    public async Task A_host_name_that_is_taken_gets_a_number_and_takes_nobodys_place()
    {
        using var first = await PaperAgent.JoinAsync(Server, Admin);
        using var second = await PaperAgent.JoinAsync(Server, Admin);
        Assert.Equal(("web-1", "web-1-2"), (first.Name, second.Name));
        Assert.NotEqual(first.Identity.Machine, second.Identity.Machine);
    }

    [Fact]
    public async Task A_hostile_host_name_becomes_a_plain_one()
    {
        using var agent = await PaperAgent.JoinAsync(Server, Admin, "../\u202Eevil\0<script>");
        Assert.Equal("evilscript", agent.Name);
    }

    [Fact]
    public async Task A_machine_that_was_installed_anew_takes_its_own_place_when_the_invitation_names_it()
    {
        using var first = await PaperAgent.JoinAsync(Server, Admin);
        var invitation = await PaperAgent.InviteAsync(Admin, new InviteMachine(Name: "web-1"));

        using var again = await PaperAgent.JoinAsync(Server, invitation.Token.Reveal(), "another-host");

        Assert.Equal(first.Identity.Machine, again.Identity.Machine);
        await again.HelloAsync();
        Assert.Equal("cert.revoked", await PaperAgent.RefusedAsync(await first.PostAsync("hello", new Hello(PaperAgent.Facts, "0.1.0", 0, 0))));
    }

    [Fact]
    public async Task A_connected_machine_keeps_its_place()
    {
        using var first = await PaperAgent.JoinAsync(Server, Admin);
        using var orders = new OrderReader(await first.OpenSessionAsync());
        await orders.NextAsync();
        var invitation = await PaperAgent.InviteAsync(Admin, new InviteMachine(Name: "web-1"));
        Assert.Equal("join.name-taken", await RefusalAsync(invitation.Token.Reveal(), HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task The_join_script_is_sound_shell_and_holds_no_secret()
    {
        await PaperAgent.InviteAsync(Admin);
        using var nobody = Server.CreateClient();
        var script = await nobody.GetStringAsync("/join", Cancellation);
        Assert.DoesNotContain("msj_", script);
        Assert.DoesNotContain('@', script);
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.Under("join"), script, Cancellation);
        await Command.RunAsync(Peer.Require("sh"), ["-n", folder.Under("join")], Cancellation);
        var run = await Command.TryAsync(Peer.Require("sh"), [folder.Under("join")], Cancellation);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("muster: ", run.Error);
    }

    private async Task<string> RefusalAsync(string token, HttpStatusCode status = HttpStatusCode.Unauthorized)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var nobody = Server.CreateClient();
        var answer = await nobody.PostAsJsonAsync("/agent/v1/join", new JoinRequest(token, PaperAgent.Request(key), PaperAgent.Facts), WireJson.Options, Cancellation);
        Assert.Equal(status, answer.StatusCode);
        return await PaperAgent.RefusedAsync(answer);
    }
}
