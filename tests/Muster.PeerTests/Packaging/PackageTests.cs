using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Muster.Testing;

namespace Muster.PeerTests.Packaging;

/// <summary>The operators' path, on Debian roots that have nothing of what Muster is built with.</summary>
public sealed class PackageTests
{
    private const string Password = "a password of twenty letters";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_packages_install_on_a_bare_root_and_a_machine_without_OpenSSL_joins()
    {
        var (server, cli, agent) = (Packages.Require("muster-server"), Packages.Require("muster"), Packages.Require("muster-agent"));
        await using var host = await TestMachine.StartAsync([], null, Cancelled);
        await using var machine = await TestMachine.StartAsync([], null, Cancelled);

        await InstallAsync(host, server, cli);
        Assert.Equal("", await host.RunAsync(["sh", "-c", "command -v dotnet node openssl || true"], Cancelled));

        var said = await host.RunAsync(["muster", "server", "init"], Cancelled);
        var oneTime = said.Split("one-time password ")[1].Split(';')[0];
        Assert.Equal("muster\n", await host.RunAsync(["stat", "--format=%U", "/var/lib/muster/muster.db"], Cancelled));

        await using var running = StartServer(host);
        var address = await running.WaitAsync();
        await host.RunAsync(["sh", "-c", $"umask 077; echo '{oneTime}' >/root/one; echo '{Password}' >/root/new"], Cancelled);
        await host.RunAsync(["muster", "login", address, "--user", "admin", "--password-file", "/root/one", "--new-password-file", "/root/new", "--trust-first"], Cancelled);
        var invitation = JsonSerializer.Deserialize<JsonElement>(await host.RunAsync(["muster", "machines", "invite", "--name", "bare", "--yes", "--output", "json"], Cancelled));

        Assert.Equal("", await machine.RunAsync(["sh", "-c", "find / -xdev -name 'libssl.so*' -o -xdev -name 'libcrypto.so*'"], Cancelled));
        await InstallWithoutDependenciesAsync(machine, agent);
        Assert.Equal("0.1.0\n", await machine.RunAsync(["readlink", "/usr/lib/muster-agent/current"], Cancelled));
        await machine.RunAsync(
            [
                "env", $"MUSTER_JOIN={invitation.GetProperty("token").GetString()}", "/usr/lib/muster-agent/current/muster-agent", "join", "--server", address,
                .. invitation.GetProperty("pins").EnumerateArray().SelectMany(pin => new[] { "--pin", pin.GetString()! }),
            ],
            Cancelled);
        using var keeps = machine.Start(["/usr/lib/muster-agent/current/muster-agent", "run"]);

        await UntilAsync(async () =>
        {
            var shown = JsonSerializer.Deserialize<JsonElement>(await host.RunAsync(["muster", "machines", "show", "bare", "--output", "json"], Cancelled));
            return shown.GetProperty("summary").GetProperty("link").GetString() == "connected";
        });
    }

    [Fact]
    public async Task Nothing_of_the_building_computer_is_in_a_package()
    {
        foreach (var name in (string[])["muster-server", "muster", "muster-agent"])
        {
            var listed = await Command.RunAsync("dpkg-deb", "--contents", Packages.Require(name));
            Assert.All(listed.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains(" root/root ", line, StringComparison.Ordinal));
            Assert.Single(listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3..5])).Distinct());
        }
    }

    private static async Task InstallAsync(TestMachine machine, params string[] packages)
    {
        await CopyAsync(machine, packages);
        await machine.RunAsync(["apt-get", "-qq", "update"], Cancelled);
        await machine.RunAsync(
            ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "install", "--no-install-recommends", "-y", .. packages.Select(package => "/tmp/" + Path.GetFileName(package))],
            Cancelled);
    }

    private static async Task InstallWithoutDependenciesAsync(TestMachine machine, string package)
    {
        await CopyAsync(machine, package);
        await machine.RunAsync(["dpkg", "--install", "/tmp/" + Path.GetFileName(package)], Cancelled);
    }

    private static async Task CopyAsync(TestMachine machine, params string[] files)
    {
        foreach (var file in files)
        {
            await Command.RunAsync("cp", ["--", file, machine.PathOf("/tmp/")], Cancelled);
        }
    }

    private static RunningServer StartServer(TestMachine host) => new(host.Start(
        ["setpriv", "--reuid=muster", "--regid=muster", "--clear-groups", "muster-server", "run", "--listen", "127.0.0.1:0", "--public-name", "localhost"]));

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (!await isSo())
        {
            await again.WaitForNextTickAsync(Cancelled);
        }
    }

    private sealed class RunningServer(Process process) : IAsyncDisposable
    {
        public async Task<string> WaitAsync()
        {
            while (await process.StandardOutput.ReadLineAsync(Cancelled) is { } line)
            {
                if (line.Contains(" listens on ", StringComparison.Ordinal))
                {
                    var port = new Uri(line.Split(' ')[3].TrimEnd(',')).Port;
                    _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                    return string.Create(CultureInfo.InvariantCulture, $"https://localhost:{port}");
                }
            }

            throw new InvalidOperationException($"muster-server ended: {await process.StandardError.ReadToEndAsync(Cancelled)}");
        }

        public async ValueTask DisposeAsync()
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
