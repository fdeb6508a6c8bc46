using Muster.Core.Objects;
using Muster.Core.Trees;
using Muster.Files;
using Muster.Testing;

namespace Muster.Tests.Files;

public sealed class EntryReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_read_that_failed_half_way_does_not_spoil_the_digest_of_the_next_file()
    {
        await File.WriteAllBytesAsync(folder.Under("long"), new byte[4 << 20]);
        await File.WriteAllTextAsync(folder.Under("next"), "next");
        using var root = Linux.OpenRoot(folder.Path);
        var (time, progress) = (new MovableTime(), new ScanProgress());
        using var reader = new EntryReader(null, time, pace: new ReadPace(1000, time), progress: progress);

        // The pace holds the reader after its first piece, so that it fails with bytes already hashed.
        using var stop = new CancellationTokenSource();
        var reading = Task.Factory.StartNew(() => reader.Read(root, "long"u8.ToArray(), out _, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        while (progress.BytesRead == 0 && !reading.IsCompleted)
        {
            await Task.Yield();
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(Digest.Of("next"u8), reader.Read(root, "next"u8.ToArray(), out var complaint, CancellationToken.None)!.Content);
        Assert.Null(complaint);
    }

    [Fact]
    public void Holes_count_for_the_pace_like_what_is_read()
    {
        using var root = Linux.OpenRoot(folder.Path);
        MakeHole(root, 128 << 10);
        using var stop = new CancellationTokenSource();
        var pace = new ReadPace(1000, new StoppingTime(stop));
        using var reader = new EntryReader(null, TimeProvider.System, pace: pace);

        Assert.ThrowsAny<OperationCanceledException>(() => reader.Read(root, "hole"u8.ToArray(), out _, stop.Token));
    }

    [Fact]
    public void A_file_too_long_to_be_read_has_no_digest_and_is_named()
    {
        using var root = Linux.OpenRoot(folder.Path);
        MakeHole(root, ObjectLimits.File + 1);
        using var reader = new EntryReader(null, TimeProvider.System);

        var entry = reader.Read(root, "hole"u8.ToArray(), out var complaint, CancellationToken.None);

        Assert.Equal(("file.limit", true), (complaint!.Code, complaint.Message.Contains("hole", StringComparison.Ordinal)));
        Assert.True(entry!.Content.IsNone);
    }

    private static void MakeHole(Microsoft.Win32.SafeHandles.SafeFileHandle root, long length)
    {
        using var file = Linux.OpenBeneath(root, "hole"u8, OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
        Linux.SetLength(file, length);
    }

    // Stops whoever asks for the time to keep the pace; the first to ask is the pace itself when it is made.
    private sealed class StoppingTime(CancellationTokenSource stop) : TimeProvider
    {
        private bool made;

        public override long GetTimestamp()
        {
            if (made)
            {
                stop.Cancel();
            }

            made = true;
            return 0;
        }
    }
}
