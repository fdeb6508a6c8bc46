using Muster.Testing;

namespace Muster.Tests.Machines;

public sealed class JoinScriptTests
{
    [Fact]
    public async Task The_script_names_this_server_and_its_keys_and_is_a_shell_script()
    {
        await using var server = await MusterServer.StartAsync();
        using var client = server.CreateClient();

        var script = await client.GetStringAsync(new Uri("join", UriKind.Relative));

        Assert.Contains($"server='https://localhost:{server.Port}'", script, StringComparison.Ordinal);
        Assert.Matches("pins='sha256//[A-Za-z0-9+/]{43}=;sha256//[A-Za-z0-9+/]{43}='", script);
        Assert.DoesNotContain("@", script.Replace("@debian", "", StringComparison.Ordinal), StringComparison.Ordinal);
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.Under("join"), script);
        await Command.RunAsync("sh", "-n", folder.Under("join"));
    }

    [Fact]
    public async Task A_forged_host_header_does_not_reach_a_script_that_root_runs()
    {
        await using var server = await MusterServer.StartAsync();
        using var client = server.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "join");
        request.Headers.Host = $"127.0.0.1:{server.Port}";
        Assert.Contains("server='https://127.0.0.1:", await (await client.SendAsync(request)).Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var forged = new HttpRequestMessage(HttpMethod.Get, "join");
        forged.Headers.Host = $"evil.example:{server.Port}";
        Assert.DoesNotContain("evil", await (await client.SendAsync(forged)).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_an_agent_says_so()
    {
        await using var server = await MusterServer.StartAsync();
        using var client = server.CreateClient();

        var answer = await client.GetAsync(new Uri("join/agent.tar.gz", UriKind.Relative));

        Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("join.no-agent", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
