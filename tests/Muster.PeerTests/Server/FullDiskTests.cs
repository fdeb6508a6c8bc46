using Muster.Testing;

namespace Muster.PeerTests.Server;

/// <summary>The first start of a server on a disk that has no room for it.</summary>
public sealed class FullDiskTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    [InlineData(128)]
    [InlineData(320)]
    public async Task It_says_that_there_is_no_room_and_once_there_is_makes_an_administrator_whose_password_is_told(int kibibytes)
    {
        await using var disk = await TestDisk.StartAsync(mebibytes: 16, Cancelled);
        var data = $"{disk.PathInside}/data";
        await FillAllBut(disk.Path, kibibytes);

        var command = ServerProcess.InitialiseCommand(data, disk);
        var full = await Command.TryAsync(command[0], command.Skip(1), Cancelled);

        Assert.True(full.ExitCode == 74, $"{full.ExitCode}: {full.Output}{full.Error}");
        Assert.Single(full.Error.TrimEnd().Split('\n'));
        File.Delete($"{disk.Path}/filler");
        Assert.NotNull(await ServerProcess.InitialiseAsync(data, Cancelled, disk));
    }

    [Fact]
    public async Task A_server_whose_disk_runs_full_lives_but_is_not_ready_until_there_is_room()
    {
        await using var disk = await TestDisk.StartAsync(mebibytes: 64, Cancelled);
        var data = $"{disk.PathInside}/data";
        await ServerProcess.InitialiseAsync(data, Cancelled, disk);
        await using var server = await ServerProcess.StartAsync(data, 0, null, null, null, Cancelled, disk: disk);
        using var authority = new TemporaryFolder();
        await File.WriteAllTextAsync(authority.Under("authority.pem"), await server.GetAuthorityAsync(Cancelled), Cancelled);
        using var client = server.OpenClient(authority.Under("authority.pem"));
        Assert.Equal("ready\n", await client.GetStringAsync("/readyz", Cancelled));

        await FillAllBut(disk.Path, 0);
        await UntilAsync(client, 507, Cancelled);
        Assert.Equal("ok\n", await client.GetStringAsync("/healthz", Cancelled));

        File.Delete($"{disk.Path}/filler");
        await UntilAsync(client, 200, Cancelled);
    }

    private static async Task UntilAsync(HttpClient client, int status, CancellationToken cancellationToken)
    {
        int seen;
        do
        {
            using var answer = await client.GetAsync("/readyz", cancellationToken);
            seen = (int)answer.StatusCode;
        }
        while (seen != status);
    }

    private static async Task FillAllBut(string folder, int kibibytes)
    {
        await using var filler = new FileStream($"{folder}/filler", FileMode.Create, FileAccess.Write, FileShare.None, 0);
        var block = new byte[16 << 10];
        try
        {
            while (true)
            {
                await filler.WriteAsync(block, Cancelled);
                filler.Flush(flushToDisk: true);
            }
        }
        catch (IOException)
        {
            filler.SetLength(Math.Max(0, filler.Length - (kibibytes << 10)));
            filler.Flush(flushToDisk: true);
        }
    }
}
