using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Muster.Testing;

namespace Muster.PeerTests.Server;

/// <summary>A server that is asked to stop while others are still talking to it.</summary>
public sealed class ShutdownTests
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_stops_within_ten_seconds_though_one_sends_slowly_and_one_reads_slowly_and_one_follows()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Under("data");
        await ServerProcess.InitialiseAsync(data, Cancelled);
        var token = await InstallationAccess.MakeTokenAsync(data, Cancelled);
        var server = await ServerProcess.StartAsync(data, 0, null, null, null, Cancelled);
        await File.WriteAllTextAsync(folder.Under("authority.pem"), await server.GetAuthorityAsync(Cancelled), Cancelled);
        await AddLargeImageAsync(folder, new MusterCommandLine(server.Address, token, folder.Under("authority.pem"), home: folder.Under("home")));
        using var client = server.OpenClient(folder.Under("authority.pem"));
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);

        using var following = await client.GetAsync("/api/v1/events/stream", HttpCompletionOption.ResponseHeadersRead, Cancelled);
        using var reading = await client.GetAsync("/api/v1/images/file?image=large/1&path=/large", HttpCompletionOption.ResponseHeadersRead, Cancelled);
        using var content = new EndlessContent();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var sending = client.PostAsync("/api/v1/objects/add", content, enough.Token);
        await content.Begun.WaitAsync(Cancelled);

        var clock = Stopwatch.StartNew();
        await server.DisposeAsync();

        Assert.True(clock.Elapsed < Promised, $"it took {clock.Elapsed}: {server.Said}");
        Assert.False(sending.IsCompletedSuccessfully);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => sending);
        Assert.Equal(HttpStatusCode.OK, reading.StatusCode);
    }

    private static async Task AddLargeImageAsync(TemporaryFolder folder, MusterCommandLine muster)
    {
        Directory.CreateDirectory(folder.Under("tree"));
        Directory.CreateDirectory(folder.Under("home"));
        await File.WriteAllBytesAsync(folder.Under("tree", "large"), RandomNumberGenerator.GetBytes(32 << 20), Cancelled);
        var added = await muster.TryAsync(["images", "add", "large/1", "--from", folder.Under("tree"), "--yes"], Cancelled);
        Assert.True(added.ExitCode == 0, added.Error);
    }

    /// <summary>Sends its first byte, and then nothing for ever.</summary>
    private sealed class EndlessContent : HttpContent
    {
        private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => begun.Task;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, Cancelled);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync("M"u8.ToArray(), cancellationToken);
            await stream.FlushAsync(cancellationToken);
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
