using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Muster.Testing;

namespace Muster.Tests.Cli;

public sealed class AddImageTests : IAsyncLifetime
{
    private readonly CommandLine muster = new();
    private readonly TemporaryFolder tree = new();
    private MusterServer server = null!;

    public async ValueTask InitializeAsync()
    {
        server = await MusterServer.StartAsync();
        await muster.LoginAsync(server);
        Directory.CreateDirectory(tree.Under("etc"));
        Directory.CreateDirectory(tree.Under("var", "lib"));
        await File.WriteAllTextAsync(tree.Under("etc", "motd"), "hello\n");
        await File.WriteAllTextAsync(tree.Under("etc", "same"), "hello\n");
        await File.WriteAllTextAsync(tree.Under("var", "lib", "data"), new string('x', 100_000));
        File.CreateSymbolicLink(tree.Under("etc", "link"), "motd");
    }

    public async ValueTask DisposeAsync()
    {
        muster.Dispose();
        tree.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_directory_becomes_an_image_with_all_that_is_in_it()
    {
        var added = await AddAsync("base/1");

        Assert.Equal("", added.Error.Contains("muster:", StringComparison.Ordinal) ? added.Error : "");
        Assert.Equal(0, added.ExitCode);
        Assert.Equal("hello\n", (await muster.RunAsync("images", "cat", "base/1", "/etc/motd")).Output);
        var listed = await muster.RunAsync("images", "browse", "base/1", "/etc", "-o", "json");
        using var entries = JsonDocument.Parse(listed.Output);
        Assert.Equal(["link", "motd", "same"], entries.RootElement.GetProperty("items").EnumerateArray().Select(entry => entry.GetProperty("name").GetString()));
        Assert.Contains("base/1", (await muster.RunAsync("images", "list", "-o", "name")).Output.Split('\n'));
    }

    [Fact]
    public async Task Adding_the_same_again_sends_no_content()
    {
        await AddAsync("base/1");

        var again = await AddAsync("base/2");

        Assert.Contains("no file content had to be sent", again.Output, StringComparison.Ordinal);
        Assert.Contains("No differences", (await muster.RunAsync("images", "diff", "base/1", "base/2")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_what_changed_is_sent()
    {
        await AddAsync("base/1");
        await File.WriteAllTextAsync(tree.Under("etc", "motd"), "changed\n");

        var again = await AddAsync("base/2");

        Assert.Contains("sent 1 files of 8 B", again.Output, StringComparison.Ordinal);
        var diff = await muster.RunAsync("images", "diff", "base/1", "base/2", "-o", "name");
        Assert.Equal("/etc/motd\n", diff.Output);
    }

    [Fact]
    public async Task Content_too_large_for_a_batch_arrives_whole()
    {
        var large = new byte[(9 << 20) + 17];
        new Random(1).NextBytes(large);
        await File.WriteAllBytesAsync(tree.Under("large"), large);

        var added = await AddAsync("base/1");

        Assert.Equal(0, added.ExitCode);
        Assert.Equal(large, await FileOfAsync("base/1", "/large"));
    }

    [Fact]
    public async Task A_large_file_that_somebody_else_is_sending_is_waited_for()
    {
        var large = new byte[9 << 20];
        new Random(1).NextBytes(large);
        await File.WriteAllBytesAsync(tree.Under("large"), large);
        using var admin = await SignInAsync();
        using var other = new HeldBody(large);
        var sending = admin.PostAsync($"/api/v1/objects/part?object=file:{Core.Objects.Digest.Of(large)}&length={large.Length}&offset=0", other);
        await other.HalfSent;

        var adding = new WaitNoticingTime(TimeSpan.FromSeconds(1));
        using var person = new CommandLine { Time = adding };
        await person.RunAsync("login", server.Address(), "--trust-first", "--user", "admin", "--password-file", person.Write("password", MusterServer.AdminPassword));
        var added = person.RunAsync("images", "add", "base/1", "--from", tree.Path, "--yes");
        Assert.Same(adding.Noticed, await Task.WhenAny(adding.Noticed, added));
        other.SendRest();

        (await sending).EnsureSuccessStatusCode();
        Assert.Equal(0, (await added).ExitCode);
        Assert.Equal(large, await FileOfAsync("base/1", "/large"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_changes_between_reading_and_sending_is_told_and_nothing_is_named(bool looksTheSame)
    {
        // The question what lacks comes between the two.
        var motd = tree.Under("etc", "motd");
        await using var other = await MusterServer.StartAsync(more: app => app.Use(async (HttpContext http, Func<Task> next) =>
        {
            if (http.Request.Path == "/api/v1/objects/check")
            {
                var time = File.GetLastWriteTimeUtc(motd);
                await File.WriteAllTextAsync(motd, looksTheSame ? "HELLO\n" : "another\n");
                File.SetLastWriteTimeUtc(motd, looksTheSame ? time : DateTime.UnixEpoch);
            }

            await next();
        }));
        await muster.LoginAsync(other);

        var seen = await AddAsync("base/1");

        Assert.Equal(5, seen.ExitCode);
        Assert.Contains("changed while the image was made", seen.Error, StringComparison.Ordinal);
        Assert.Equal(4, (await muster.RunAsync("images", "show", "base/1")).ExitCode);
    }

    [Theory]
    [InlineData("cut", "tar.truncated")]
    [InlineData("outside", "tar.name")]
    [InlineData("absolute", "tar.name")]
    [InlineData("link", "tar.link")]
    [InlineData("below", "tar.parent")]
    [InlineData("joined", "tar.trailing")]
    public async Task An_archive_that_is_damaged_or_means_harm_is_refused_and_nothing_is_named(string how, string code)
    {
        var archive = new Files.TarBytes().File("etc/motd", "hello\n");
        var bytes = how switch
        {
            "cut" => archive.End()[..^1024],
            "outside" => archive.File("../../etc/passwd", "x").End(),
            "absolute" => archive.File("/etc/passwd", "x").End(),
            "link" => archive.Add("shadow", '1', link: "../../etc/shadow").End(),
            "below" => archive.Add("l", '2', link: "/etc").File("l/passwd", "x").End(),
            _ => (byte[])[.. archive.End(), .. archive.End()],
        };
        await File.WriteAllBytesAsync(tree.Under("a.tar"), bytes);

        var seen = await muster.RunAsync("images", "add", "base/1", "--from", tree.Under("a.tar"), "--yes");

        Assert.Equal(2, seen.ExitCode);
        Assert.Contains(code, seen.Error, StringComparison.Ordinal);
        Assert.Equal(4, (await muster.RunAsync("images", "show", "base/1")).ExitCode);
    }

    [Fact]
    public async Task A_directory_too_large_for_one_object_is_named_and_nothing_else_is()
    {
        var archive = new Files.TarBytes();
        for (var file = 0; file < 5; file++)
        {
            archive.Pax([.. Enumerable.Range(0, 250).Select(number => $"SCHILY.xattr.user.{number}={new string('x', 65_000)}")]).File($"wide/{file}", "");
        }

        await File.WriteAllBytesAsync(tree.Under("wide.tar"), archive.End());
        var seen = await muster.RunAsync("images", "add", "base/1", "--from", tree.Under("wide.tar"), "--yes");

        Assert.Equal(2, seen.ExitCode);
        Assert.Contains("/wide says of its entries", seen.Error, StringComparison.Ordinal);
        Assert.Equal(4, (await muster.RunAsync("images", "show", "base/1")).ExitCode);
    }

    [Fact]
    [Requirement("DMX-004")]
    public async Task What_the_filter_leaves_alone_is_not_in_the_image()
    {
        var filter = muster.Write("filter", "ignore /var/lib\n");

        Assert.Equal(0, (await AddAsync("base/1", "--filter", filter)).ExitCode);

        Assert.Equal(4, (await muster.RunAsync("images", "cat", "base/1", "/var/lib/data")).ExitCode);
        Assert.Contains("ignore /var/lib", (await muster.RunAsync("images", "show", "base/1")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_sends_nothing()
    {
        var seen = await AddAsync("base/1", "--dry-run");

        Assert.Equal(0, seen.ExitCode);
        Assert.Contains("2 files of 100 KB would be sent", seen.Output, StringComparison.Ordinal);
        Assert.Contains("sent 2 files", (await AddAsync("base/1")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_is_never_used_twice_and_that_is_said_before_anything_is_read()
    {
        await AddAsync("base/1");

        var again = await AddAsync("base/1");

        Assert.Equal(5, again.ExitCode);
        Assert.Contains("image.name-used", again.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("reading", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_wrong_with_the_arguments_is_said_at_once()
    {
        var seen = await muster.RunAsync("images", "add", "not a name", "--from", "/nowhere", "--filter", muster.Write("filter", "what is this\n"), "--yes");

        Assert.Equal(2, seen.ExitCode);
        Assert.Contains("NAME:", seen.Error, StringComparison.Ordinal);
        Assert.Contains("--from:", seen.Error, StringComparison.Ordinal);
        Assert.Contains("--filter:", seen.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_becomes_the_same_image_as_the_directory_it_was_made_of()
    {
        using var other = new TemporaryFolder();
        var archive = other.Under("tree.tar");
        await Muster.Testing.Command.RunAsync("tar", "--format=pax", "--numeric-owner", "-C", tree.Path, "-cf", archive, ".");
        await AddAsync("base/directory");

        var added = await muster.RunAsync("images", "add", "base/archive", "--from", archive, "--yes");

        Assert.Equal(0, added.ExitCode);
        Assert.Contains("no file content had to be sent", added.Output, StringComparison.Ordinal);
        Assert.Contains("No differences", (await muster.RunAsync("images", "diff", "base/directory", "base/archive")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_can_be_checked_against_an_image()
    {
        await AddAsync("base/1");

        var same = await muster.RunAsync("images", "check", "base/1", "--from", tree.Path);
        await File.WriteAllTextAsync(tree.Under("etc", "motd"), "changed\n");
        await File.WriteAllTextAsync(tree.Under("new"), "");
        var other = await muster.RunAsync("images", "check", "base/1", "--from", tree.Path);

        Assert.Equal((0, 1), (same.ExitCode, other.ExitCode));
        Assert.Contains("is exactly like base/1", same.Output, StringComparison.Ordinal);
        Assert.Contains("~   /etc/motd   content, time", other.Output, StringComparison.Ordinal);
        Assert.Contains("+   /new        extra", other.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_follower_sees_a_new_image_at_once_and_again_after_the_server_was_started_anew()
    {
        using var data = new TemporaryFolder();
        var first = await MusterServer.StartAsync(data.Path);
        await muster.LoginAsync(first);
        await using var follower = muster.Follow("events", "stream", "-o", "json");
        await follower.NotesAsync("Following");

        await AddAsync("base/1");
        Assert.Contains("\"kind\":\"image.added\"", await follower.SaysAsync("base/1"), StringComparison.Ordinal);

        await first.DisposeAsync();
        await using var again = await MusterServer.StartAsync(data.Path, port: first.Port);
        await AddAsync("base/2");
        await follower.SaysAsync("base/2");
    }

    private async Task<HttpClient> SignInAsync()
    {
        var client = server.CreateClient();
        await MusterServer.LoginAsync(client, MusterServer.AdminPassword);
        return client;
    }

    private async Task<byte[]> FileOfAsync(string image, string path)
    {
        using var admin = await SignInAsync();
        return await admin.GetByteArrayAsync($"/api/v1/images/file?image={image}&path={path}");
    }

    private Task<Seen> AddAsync(string name, params string[] more) => muster.RunAsync(["images", "add", name, "--from", tree.Path, "--yes", .. more]);
}
