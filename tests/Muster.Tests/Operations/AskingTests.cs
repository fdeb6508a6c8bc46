using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Muster.Protocol.Edge;
using Muster.Protocol.Identity;
using Muster.Protocol.Operations;
using Muster.Server.Edge;
using Muster.Testing;

namespace Muster.Tests.Operations;

/// <summary>How a change is asked for: whoever wants only a plan must never get the change.</summary>
public sealed class AskingTests : IAsyncLifetime
{
    private const string Token = """{"name":"ci","operations":["Tokens.List"]}""";

    private MusterServer server = null!;
    private HttpClient admin = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await MusterServer.StartAsync();
        admin = await server.SignInAsync();
    }

    public async ValueTask DisposeAsync()
    {
        admin.Dispose();
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData("?plan=true")]
    [InlineData("?plan=True")]
    [InlineData("?plan=1")]
    public async Task Each_way_to_say_yes_to_a_plan_plans_and_changes_nothing(string query)
    {
        var answer = await PostAsync(query, Token);
        Assert.Equal("Tokens.Add", (await answer.Content.ReadFromJsonAsync<Plan>(WireJson.Options, Cancellation))!.Operation);
        Assert.Empty(await TokensAsync());
    }

    [Theory]
    [InlineData("?plan")]
    [InlineData("?plan=")]
    [InlineData("?plan=yes")]
    [InlineData("?plan=true&plan=true")]
    [InlineData("?plan=false&plan=true")]
    public async Task Any_other_word_for_a_plan_is_refused_and_changes_nothing(string query)
    {
        var answer = await PostAsync(query, Token);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<Problem>(WireJson.Options, Cancellation);
        Assert.Equal("plan", Assert.Single(problem!.Faults!).Argument);
        Assert.Empty(await TokensAsync());
    }

    [Theory]
    [InlineData("?plan=false")]
    [InlineData("?plan=0")]
    [InlineData("")]
    public async Task No_plan_is_the_change_itself(string query)
    {
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(query, Token)).StatusCode);
        Assert.Equal("ci", Assert.Single(await TokensAsync()).Name);
    }

    [Theory]
    [InlineData("2.0")]
    [InlineData("1.1")]
    public async Task A_body_is_read_also_where_no_header_announces_its_length(string version)
    {
        using var content = new UnmeasuredContent(Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/tokens/add")
        {
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        var answer = await admin.SendAsync(request, Cancellation);
        Assert.Equal(Version.Parse(version), answer.Version);
        Assert.Equal("ci", (await answer.Content.ReadFromJsonAsync<TokenAdded>(WireJson.Options, Cancellation))!.Name);
    }

    [Theory]
    [InlineData("2.0")]
    [InlineData("1.1")]
    public async Task A_body_with_nothing_in_it_is_no_arguments(string version)
    {
        using var content = new UnmeasuredContent("");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/machines/invite?plan=true")
        {
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        Assert.Equal(HttpStatusCode.OK, (await admin.SendAsync(request, Cancellation)).StatusCode);
    }

    private async Task<HttpResponseMessage> PostAsync(string query, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await admin.PostAsync("/api/v1/tokens/add" + query, content, Cancellation);
    }

    private async Task<IReadOnlyList<TokenSummary>> TokensAsync() =>
        (await admin.GetFromJsonAsync<Listing<TokenSummary>>("/api/v1/tokens/list", WireJson.Options, Cancellation))!.Items;

    /// <summary>Content whose length nobody knows before it is sent: chunked over HTTP/1.1, without any header over HTTP/2.</summary>
    private sealed class UnmeasuredContent : HttpContent
    {
        private readonly byte[] bytes;

        public UnmeasuredContent(string text)
        {
            bytes = Encoding.UTF8.GetBytes(text);
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context) => await stream.WriteAsync(bytes);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
