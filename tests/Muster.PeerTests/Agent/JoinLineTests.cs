using System.Text.Json;
using Muster.Testing;

namespace Muster.PeerTests.Agent;

/// <summary>The line that a person copies, on a machine that has nothing of ours.</summary>
public sealed class JoinLineTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_join_line_makes_a_bare_machine_one_of_ours_once()
    {
        var archive = Packages.RequireArchive("muster-agent");
        using var folder = new TemporaryFolder();
        var data = folder.Under("data");
        await ServerProcess.InitialiseAsync(data, Cancel);
        var token = await InstallationAccess.MakeTokenAsync(data, Cancel);
        await using var server = await ServerProcess.StartAsync(data, 0, null, archive, null, Cancel);
        await File.WriteAllTextAsync(folder.Under("authority.pem"), await server.GetAuthorityAsync(Cancel), Cancel);
        var muster = new MusterCommandLine(server.Address, token, folder.Under("authority.pem"), home: folder.Under("home"));
        await using var machine = await TestMachine.StartAsync(Cancel);
        var line = (await muster.AskAsync(["machines", "invite", "--name", "bare", "--yes"], Cancel)).GetProperty("line").GetString()!;

        await machine.RunAsync(["sh", "-c", line], Cancel);
        using var agent = machine.Start(["env", "DOTNET_EnableDiagnostics=0", "/usr/lib/muster-agent/current/muster-agent", "run"]);
        _ = agent.StandardError.ReadToEndAsync(Cancel);
        await UntilConnectedAsync(muster);

        // Neither the secret nor what was downloaded stays behind, and the line is worth nothing now.
        Assert.Equal("", await machine.RunAsync(["sh", "-c", "grep -rl msj_ /root /etc /usr/lib/muster-agent /var/lib/muster-agent /tmp || true; ls -A /tmp"], Cancel));
        agent.Kill();
        await agent.WaitForExitAsync(Cancel);
        await machine.RunAsync(["rm", "-rf", "/var/lib/muster-agent"], Cancel);
        var refused = await Assert.ThrowsAsync<CommandException>(() => machine.RunAsync(["sh", "-c", line], Cancel));
        Assert.Contains("was used already", refused.Message, StringComparison.Ordinal);
    }

    private static async Task UntilConnectedAsync(MusterCommandLine muster)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        JsonElement shown;
        do
        {
            await again.WaitForNextTickAsync(Cancel);
            shown = await muster.AskAsync(["machines", "show", "bare"], Cancel);
        }
        while (shown.GetProperty("summary").GetProperty("link").GetString() != "connected");
    }
}
