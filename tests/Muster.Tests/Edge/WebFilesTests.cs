using System.Net;
using Muster.Testing;

namespace Muster.Tests.Edge;

public sealed class WebFilesTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private MusterServer server = null!;
    private HttpClient client = null!;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(folder.Under("assets"));
        await File.WriteAllTextAsync(folder.Under("index.html"), "<title>Muster</title>");
        await File.WriteAllTextAsync(folder.Under("assets", "app-1a2b.js"), "start()");
        await File.WriteAllTextAsync(folder.Under("..", Path.GetFileName(folder.Path) + ".secret.txt"), "outside");
        server = await MusterServer.StartAsync(webDirectory: folder.Path);
        client = server.CreateClient();
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await server.DisposeAsync();
        File.Delete(folder.Path + ".secret.txt");
        folder.Dispose();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/machines/web-1.example.org")]
    [InlineData("/images/base/debian-12")]
    public async Task An_address_of_the_application_is_its_page(string address) =>
        Assert.Equal("<title>Muster</title>", await client.GetStringAsync(address));

    [Fact]
    public async Task Assets_are_kept_for_ever_and_the_page_is_asked_for_again()
    {
        var asset = await client.GetAsync("/assets/app-1a2b.js");
        Assert.Equal("public, max-age=31536000, immutable", asset.Headers.CacheControl!.ToString());
        Assert.Equal("text/javascript", asset.Content.Headers.ContentType!.MediaType);

        var page = await client.GetAsync("/");
        Assert.Equal("no-cache", page.Headers.CacheControl!.ToString());
        using var again = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "If-None-Match", page.Headers.ETag!.ToString() } } };
        Assert.Equal(HttpStatusCode.NotModified, (await client.SendAsync(again)).StatusCode);
    }

    [Fact]
    public async Task Nothing_outside_the_folder_is_served()
    {
        var name = Path.GetFileName(folder.Path) + ".secret.txt";
        foreach (var path in new[] { "/../" + name, "/%2e%2e/" + name, "/..%2f" + name, "/assets/../../" + name })
        {
            Assert.DoesNotContain("outside", await (await client.GetAsync(path)).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_missing_asset_or_api_is_not_the_page()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/assets/gone.js")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/api/v1/nothing/here")).StatusCode);
    }

    [Fact]
    public async Task A_wrong_method_says_which_are_right()
    {
        var answer = await client.PostAsync("/healthz", null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Contains("GET", answer.Content.Headers.Allow);
        Assert.Contains("route.method", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        foreach (var path in new[] { "/api/openapi.json", "/api/v1/nothing" })
        {
            using var head = new HttpRequestMessage(HttpMethod.Head, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            Assert.False((await client.SendAsync(head)).IsSuccessStatusCode);
        }
    }

    [Fact]
    public async Task Every_answer_forbids_frames_and_foreign_content()
    {
        foreach (var path in new[] { "/", "/api/v1/me", "/healthz", "/api/v1/nothing" })
        {
            var answer = await client.GetAsync(path);
            Assert.Equal(
                "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
                answer.Headers.GetValues("Content-Security-Policy").Single());
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        }
    }
}
