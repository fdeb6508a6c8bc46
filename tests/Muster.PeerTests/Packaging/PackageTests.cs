using Muster.Testing;

namespace Muster.PeerTests.Packaging;

/// <summary>The operators' path, on Debian roots that have nothing of what Muster is built with.</summary>
public sealed class PackageTests
{
    private const string Agent = "/usr/lib/muster-agent/current/muster-agent";

    private static readonly string[] Names = ["muster-server", "muster", "muster-agent"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> All => [.. Names];

    [Fact]
    public async Task The_packages_install_on_a_bare_root_and_machines_join()
    {
        var (server, cli, agent) = (Packages.Require("muster-server"), Packages.Require("muster"), Packages.Require("muster-agent"));
        await using var host = await TestMachine.StartAsync([], null, Cancelled);
        await using var bare = await TestMachine.StartAsync([], null, Cancelled);
        await using var usual = await TestMachine.StartAsync(Cancelled);

        await Apt.InstallAsync(host, [server, cli], Cancelled);
        Assert.Equal("", await host.RunAsync(["sh", "-c", "command -v dotnet node openssl || true"], Cancelled));
        var said = await host.RunAsync(["muster", "server", "init"], Cancelled);
        Assert.Equal("muster\n", await host.RunAsync(["stat", "--format=%U", "/var/lib/muster/muster.db"], Cancelled));
        await using var running = await PackagedServer.StartAsync(host, said.Split("one-time password ")[1].Split(';')[0], Cancelled);

        // By package, where neither OpenSSL nor a C++ runtime is left.
        await Apt.UnpackAsync(bare, [agent], Cancelled);
        await bare.RunAsync(["sh", "-c", "rm -f /usr/lib/x86_64-linux-gnu/libstdc++.so* /usr/lib/x86_64-linux-gnu/libgcc_s.so*"], Cancelled);
        Assert.Equal("", await bare.RunAsync(["sh", "-c", "find /usr/lib/x86_64-linux-gnu -name 'libssl.so*' -o -name 'libcrypto.so*' -o -name 'libstdc++.so*' -o -name 'libgcc_s.so*'"], Cancelled));
        var invitation = await running.AskAsync(["machines", "invite", "--name", "bare", "--yes"], Cancelled);
        await bare.RunAsync(
            [
                "env", $"MUSTER_JOIN={invitation.GetProperty("token").GetString()}", Agent, "join", "--server", running.Address,
                .. invitation.GetProperty("pins").EnumerateArray().SelectMany(pin => new[] { "--pin", pin.GetString()! }),
            ],
            Cancelled);
        using var keeps = bare.Start([Agent, "run"]);

        // By the line, which fetches the agent that came with the server's package.
        invitation = await running.AskAsync(["machines", "invite", "--name", "usual", "--yes"], Cancelled);
        await usual.RunAsync(["sh", "-c", invitation.GetProperty("line").GetString()!], Cancelled);
        using var keepsToo = usual.Start([Agent, "run"]);

        await running.UntilConnectedAsync("bare", Cancelled);
        await running.UntilConnectedAsync("usual", Cancelled);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Nothing_of_the_building_computer_is_in_a_package(string name)
    {
        var package = Packages.Require(name);

        var listed = (await Command.RunAsync("dpkg-deb", "--contents", package)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(listed, line => Assert.Contains(" root/root ", line, StringComparison.Ordinal));
        Assert.Single(listed.Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3..5])).Distinct());

        using var unpacked = new TemporaryFolder();
        await Command.RunAsync("dpkg-deb", ["--raw-extract", package, unpacked.Path], Cancelled);
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var naming = await Command.TryAsync("grep", ["--recursive", "--fixed-strings", "--files-with-matches", "--text", $"-e{Repository.Root}/", $"-e{home}/.nuget", unpacked.Path], Cancelled);
        Assert.Equal("", naming.Output);
    }

    [Theory]
    [InlineData("muster-server")]
    [InlineData("muster")]
    public async Task An_archive_holds_what_the_package_holds(string name)
    {
        using var scratch = new TemporaryFolder();
        await Command.RunAsync("dpkg-deb", ["--extract", Packages.Require(name), scratch.Under("package")], Cancelled);
        Directory.CreateDirectory(scratch.Under("archive"));
        await Command.RunAsync("tar", ["-xzf", Packages.RequireArchive(name), "-C", scratch.Under("archive")], Cancelled);

        await Command.RunAsync("diff", ["--recursive", "--no-dereference", scratch.Under("package"), scratch.Under("archive")], Cancelled);
    }
}
