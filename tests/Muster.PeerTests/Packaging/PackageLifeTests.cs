using Muster.Testing;

namespace Muster.PeerTests.Packaging;

/// <summary>What becomes of an installed package: upgraded, removed, purged.</summary>
public sealed class PackageLifeTests
{
    private const string Wants = "/etc/systemd/system/multi-user.target.wants";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agent_is_upgraded_in_place_and_leaves_nothing_when_purged()
    {
        await using var machine = await TestMachine.StartAsync([], null, Cancelled);
        using var scratch = new TemporaryFolder();
        var first = Packages.Require("muster-agent");
        var version = await VersionAsync(first);
        await Apt.UnpackAsync(machine, [first], Cancelled);
        Assert.Equal($"{version}\n", await machine.RunAsync(["readlink", "/usr/lib/muster-agent/current"], Cancelled));
        Assert.True(await IsThereAsync(machine, $"{Wants}/muster-agent.service"));
        Assert.True(await IsThereAsync(machine, "/usr/lib/systemd/system/muster-agent.service"));
        await machine.RunAsync(["sh", "-c", "mkdir /var/lib/muster-agent/identity && echo key >/var/lib/muster-agent/identity/key"], Cancelled);

        await Apt.UnpackAsync(machine, [await NextAsync(first, scratch)], Cancelled);

        Assert.Equal("99.0.0\n", await machine.RunAsync(["readlink", "/usr/lib/muster-agent/current"], Cancelled));
        Assert.Equal("99.0.0\ncurrent\n", await machine.RunAsync(["ls", "/usr/lib/muster-agent"], Cancelled));
        Assert.Equal($"{version}\n", await machine.RunAsync(["/usr/lib/muster-agent/current/muster-agent", "version"], Cancelled));
        Assert.True(await IsThereAsync(machine, "/var/lib/muster-agent/identity/key"));

        await machine.RunAsync(["dpkg", "--remove", "muster-agent"], Cancelled);
        Assert.False(await IsThereAsync(machine, "/usr/lib/muster-agent"));
        Assert.True(await IsThereAsync(machine, "/var/lib/muster-agent/identity/key"));

        await machine.RunAsync(["dpkg", "--purge", "muster-agent"], Cancelled);
        Assert.False(await IsThereAsync(machine, "/var/lib/muster-agent"));
        Assert.False(await IsThereAsync(machine, $"{Wants}/muster-agent.service"));
    }

    [Fact]
    public async Task A_service_that_somebody_disabled_stays_so_when_it_is_upgraded()
    {
        await using var machine = await TestMachine.StartAsync([], null, Cancelled);
        using var scratch = new TemporaryFolder();
        var first = Packages.Require("muster-agent");
        await Apt.UnpackAsync(machine, [first], Cancelled);
        await machine.RunAsync(["rm", $"{Wants}/muster-agent.service"], Cancelled);

        await Apt.UnpackAsync(machine, [await NextAsync(first, scratch)], Cancelled);

        Assert.False(await IsThereAsync(machine, $"{Wants}/muster-agent.service"));
    }

    [Fact]
    public async Task A_server_keeps_its_data_and_settings_through_upgrade_and_removal_and_only_its_data_when_purged()
    {
        await using var machine = await TestMachine.StartAsync([], null, Cancelled);
        using var scratch = new TemporaryFolder();
        var first = Packages.Require("muster-server");
        await Apt.InstallAsync(machine, [first], Cancelled);
        await machine.RunAsync(["setpriv", "--reuid=muster", "--regid=muster", "--clear-groups", "muster-server", "init"], Cancelled);
        await machine.RunAsync(["sh", "-c", "echo LISTEN=0.0.0.0:9443 >>/etc/muster/server.env"], Cancelled);

        await Apt.UnpackAsync(machine, [await NextAsync(first, scratch)], Cancelled);
        Assert.Contains("LISTEN=0.0.0.0:9443", await machine.RunAsync(["cat", "/etc/muster/server.env"], Cancelled), StringComparison.Ordinal);
        Assert.Contains("already", await machine.RunAsync(["setpriv", "--reuid=muster", "--regid=muster", "--clear-groups", "muster-server", "init"], Cancelled), StringComparison.Ordinal);
        Assert.True(await IsThereAsync(machine, $"{Wants}/muster-server.service"));

        await machine.RunAsync(["dpkg", "--remove", "muster-server"], Cancelled);
        Assert.False(await IsThereAsync(machine, "/usr/lib/muster-server"));
        Assert.True(await IsThereAsync(machine, "/etc/muster/server.env"));

        await machine.RunAsync(["dpkg", "--purge", "muster-server"], Cancelled);
        Assert.False(await IsThereAsync(machine, "/etc/muster/server.env"));
        Assert.False(await IsThereAsync(machine, $"{Wants}/muster-server.service"));
        Assert.True(await IsThereAsync(machine, "/var/lib/muster/muster.db"));
    }

    [Fact]
    public async Task The_units_are_what_systemd_understands()
    {
        await using var machine = await TestMachine.StartAsync(["systemd"], null, Cancelled);
        await Apt.InstallAsync(machine, [Packages.Require("muster-server"), Packages.Require("muster-agent")], Cancelled);

        Assert.Equal("enabled\nenabled\n", await machine.RunAsync(["systemctl", "is-enabled", "muster-server", "muster-agent"], Cancelled));
        Assert.Equal("", await machine.RunAsync(["sh", "-c", "systemd-analyze verify muster-server.service muster-agent.service 2>&1"], Cancelled));
    }

    [Fact]
    public async Task A_server_that_was_not_initialised_is_not_started_lest_its_password_reach_the_journal()
    {
        using var unpacked = new TemporaryFolder();
        await Command.RunAsync("dpkg-deb", ["--extract", Packages.Require("muster-server"), unpacked.Path], Cancelled);

        var unit = await File.ReadAllLinesAsync(unpacked.Under("usr/lib/systemd/system/muster-server.service"), Cancelled);

        // With PostgreSQL there is only the key.
        Assert.Equal(
            ["ConditionPathExists=|/var/lib/muster/muster.db", "ConditionPathExists=|/var/lib/muster/secrets/kek"],
            unit.Where(line => line.StartsWith("ConditionPathExists", StringComparison.Ordinal)));
    }

    private static async Task<bool> IsThereAsync(TestMachine machine, string path) =>
        await machine.RunAsync(["sh", "-c", "if [ -e \"$0\" ] || [ -L \"$0\" ]; then echo yes; fi", path], Cancelled) == "yes\n";

    private static async Task<string> VersionAsync(string package) => (await Command.RunAsync("dpkg-deb", ["--field", package, "Version"], Cancelled)).Trim();

    /// <summary>The same programs as a later version.</summary>
    private static async Task<string> NextAsync(string package, TemporaryFolder scratch)
    {
        var root = scratch.Under("next");
        var version = await VersionAsync(package);
        await Command.RunAsync("dpkg-deb", ["--raw-extract", package, root], Cancelled);
        await Command.RunAsync("sh", ["-c", $"sed -i 's/{version.Replace(".", "\\.", StringComparison.Ordinal)}/99.0.0/' \"$0\"/DEBIAN/*", root], Cancelled);
        if (Directory.Exists(Path.Combine(root, "usr/lib/muster-agent")))
        {
            Directory.Move(Path.Combine(root, "usr/lib/muster-agent", version), Path.Combine(root, "usr/lib/muster-agent/99.0.0"));
        }

        var next = scratch.Under("next.deb");
        await Command.RunAsync("dpkg-deb", ["--root-owner-group", "-Zgzip", "-z1", "--build", root, next], Cancelled);
        return next;
    }
}
