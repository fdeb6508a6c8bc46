using System.Globalization;
using Muster.Testing;

namespace Muster.PeerTests.Dev;

/// <summary>What a newcomer does first: <c>./dev up</c>, with everything built already.</summary>
public sealed class UpTests : IDisposable
{
    private readonly TemporaryFolder data = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => data.Dispose();

    [Fact]
    public async Task A_newcomer_is_led_through_the_main_job_and_a_second_time_finds_it_done()
    {
        var first = await RunAsync();
        Assert.Contains("one-time password", first, StringComparison.Ordinal);
        Assert.Contains("joining by the line that any host would be given", first, StringComparison.Ordinal);
        Assert.Contains("$ muster images add demo/web/1", first, StringComparison.Ordinal);
        Assert.Contains("first is in sync with demo/web/1", first, StringComparison.Ordinal);
        Assert.Matches(@"Restored /etc/motd [0-9.]+ (µs|ms|s) after ", first);

        // The server has another port this time, so the machine joins anew; it is the same machine with what it was made.
        var second = await RunAsync();
        Assert.DoesNotContain("$ muster images add", second, StringComparison.Ordinal);
        Assert.Contains("first is in sync with demo/web/1", second, StringComparison.Ordinal);
        Assert.Matches(@"Restored /etc/motd [0-9.]+ (µs|ms|s) after ", second);
    }

    [Fact]
    public async Task Whoever_stops_it_finds_nothing_left_running_and_an_interrupted_beginning_is_begun_again()
    {
        // As if the power had gone after the first half of making the installation.
        Directory.CreateDirectory(data.Under("server.partial"));
        await File.WriteAllTextAsync(data.Under("server.partial", "master.key"), "half", Cancelled);

        await using (var up = Start())
        {
            await UntilAsync(up, "Ctrl-C stops everything");
            up.LetGo();
            Assert.Equal(130, await up.WaitAsync(Cancelled));
        }

        var left = await Command.TryAsync("grep", ["--files-with-matches", "--text", "--fixed-strings", "--no-messages", data.Path, .. Directory.EnumerateDirectories("/proc")
            .Where(process => int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out _)).Select(process => process + "/cmdline")], Cancelled);
        Assert.DoesNotContain("/proc/", left.Output.Replace($"/proc/{Environment.ProcessId}/", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.False(Path.Exists(data.Under("first")));
    }

    [Fact]
    public async Task On_PostgreSQL_a_second_run_goes_on_with_what_the_first_one_made()
    {
        // As if the power had gone before the installation was complete.
        Directory.CreateDirectory(data.Under("postgres", "data"));

        var first = await RunAsync("--database", "postgres");
        Assert.Contains("$ muster images add demo/web/1", first, StringComparison.Ordinal);
        Assert.Contains("first is in sync with demo/web/1", first, StringComparison.Ordinal);
        Assert.False(File.Exists(data.Under("server", "muster.db")));

        var second = await RunAsync();
        Assert.DoesNotContain("$ muster images add", second, StringComparison.Ordinal);
        Assert.Contains("first is in sync with demo/web/1", second, StringComparison.Ordinal);

        await using var other = Start("--once", "--database", "sqlite");
        Assert.Equal(1, await other.WaitAsync(Cancelled));
        Assert.Contains("was made on another database", other.Said, StringComparison.Ordinal);
    }

    private async Task<string> RunAsync(params string[] more)
    {
        await using var up = Start(["--once", .. more]);
        Assert.True(await up.WaitAsync(Cancelled) == 0, up.Said);
        return up.Said;
    }

    private LeashedProcess Start(params string[] more)
    {
        Peer.RequireRoot();
        Packages.RequireArchive("muster-agent");
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return LeashedProcess.Start(
            [Repository.Under("artifacts", "bin", "Muster.Dev", "debug", "muster-dev"), "up", "--prepared", "--port", "0", "--data", data.Path, .. more],
            null, ("MUSTER_DEV_STARTED", now));
    }

    private static async Task UntilAsync(LeashedProcess up, string said)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!up.Said.Contains(said, StringComparison.Ordinal))
        {
            Assert.False(up.HasEnded, up.Said);
            await again.WaitForNextTickAsync(Cancelled);
        }
    }
}
