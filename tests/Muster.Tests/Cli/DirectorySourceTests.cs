using Muster.Cli.Images.Adding;
using Muster.Cli.Running;
using Muster.Core.Filters;
using Muster.Files;
using Muster.Testing;

namespace Muster.Tests.Cli;

public sealed class DirectorySourceTests : IDisposable
{
    private readonly TemporaryFolder home = new(), tree = new();

    public void Dispose()
    {
        home.Dispose();
        tree.Dispose();
    }

    [Fact]
    public async Task A_tree_scanned_again_is_read_only_where_it_changed()
    {
        // What was written just now is never remembered, so the clock of the command line is ahead.
        var clock = new MovableTime();
        clock.Advance(TimeSpan.FromMinutes(1));
        await File.WriteAllTextAsync(tree.Under("same"), "same");
        await File.WriteAllTextAsync(tree.Under("other"), "before");

        Assert.Equal(10, await BytesReadAsync(clock));
        Assert.Equal(0, await BytesReadAsync(clock));
        await File.WriteAllTextAsync(tree.Under("other"), "afterwards");
        Assert.Equal(10, await BytesReadAsync(clock));
    }

    private async Task<long> BytesReadAsync(TimeProvider time)
    {
        var around = new Surroundings
        {
            In = TextReader.Null,
            Out = TextWriter.Null,
            Error = TextWriter.Null,
            OpenInput = () => Stream.Null,
            OpenOutput = () => Stream.Null,
            InIsTerminal = false,
            ReadSecret = () => null,
            Environment = name => name == "HOME" ? home.Path : null,
            Time = time,
        };
        var progress = new ScanProgress();
        using var source = await DirectorySource.ScanAsync(tree.Path, TreeFilter.Everything, around, progress, CancellationToken.None);
        return progress.BytesRead;
    }
}
