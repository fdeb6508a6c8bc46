using System.Net;
using System.Net.Sockets;
using Muster.Core.Problems;
using Muster.Server;
using Muster.Testing;

namespace Muster.Tests.Server;

public sealed class CommandTests
{
    [Fact]
    public void Every_wrong_option_is_reported_at_once()
    {
        var problem = Assert.Throws<ProblemException>(() => CommandLine.Parse(["serve", "--listen", "nowhere", "--public-name", "a b", "--colour", "red"]));
        Assert.Equal(["command", "--colour", "listen", "public-name"], problem.Faults.Select(fault => fault.Argument));
    }

    [Fact]
    public async Task A_port_in_use_is_one_clear_error()
    {
        using var folder = new TemporaryFolder();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var options = new ServerOptions { DataDirectory = folder.Path, Listen = other.LocalEndpoint.ToString()! };
        Assert.Equal("listen.in-use", (await Assert.ThrowsAsync<ProblemException>(() => Commands.RunAsync(options))).Code);
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_is_one_clear_error()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.Under("file"), "not a directory");
        var options = new ServerOptions { DataDirectory = folder.Under("file", "data"), Listen = "127.0.0.1:0" };
        Assert.Equal("data.unusable", (await Assert.ThrowsAsync<ProblemException>(() => Commands.InitAsync(options))).Code);
    }

    [Fact]
    public async Task A_wrong_setting_keeps_the_server_from_starting_and_names_every_fault()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.Under("server.json"), """{"Identity":{"FreeAttempts":0,"SessionIdle":"00:00:01"}}""");
        var options = new ServerOptions { DataDirectory = folder.Path, Listen = "127.0.0.1:0" };
        var problem = await Assert.ThrowsAsync<ProblemException>(() => Commands.RunAsync(options));
        Assert.Equal("configuration.invalid", problem.Code);
        Assert.Equal(2, problem.Faults.Count);
    }

    [Fact]
    public async Task A_server_that_stops_ends_the_streams_of_its_readers()
    {
        var server = await MusterServer.StartAsync();
        using var client = await server.WithTokenAsync("Events.Stream");
        using var answer = await client.GetAsync("/api/v1/events/stream", HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await answer.Content.ReadAsStreamAsync();
        var reading = new StreamReader(stream).ReadToEndAsync();
        await server.DisposeAsync();
        Assert.Contains("event: ready", await reading.WaitAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_installation_started_again_keeps_its_keys_and_its_people()
    {
        using var folder = new TemporaryFolder();
        IReadOnlyList<string> pins;
        await using (var first = await MusterServer.StartAsync(folder.Path))
        {
            using var admin = await first.SignInAsync();
            pins = Pins(first);
        }

        await using var second = await MusterServer.StartAsync(folder.Path);
        Assert.Null(second.OneTimePassword);
        using var again = await second.SignInAsync();
        Assert.Equal(pins, Pins(second));
    }

    private static IReadOnlyList<string> Pins(MusterServer server) =>
        ((Muster.Server.Certificates.ServerCertificates)server.Services.GetService(typeof(Muster.Server.Certificates.ServerCertificates))!).Pins;
}
