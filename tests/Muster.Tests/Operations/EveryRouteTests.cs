using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Muster.Protocol.Edge;
using Muster.Server.Edge;
using Muster.Server.Operations;
using Muster.Testing;
using Muster.Tests.Machines;

namespace Muster.Tests.Operations;

/// <summary>Every route of the server, whoever added it, asked by whoever may use it and by whoever may not.</summary>
public sealed class EveryRouteTests : IAsyncLifetime
{
    private readonly TemporaryFolder web = new();
    private readonly List<string> wrong = [];
    private MusterServer server = null!;
    private HttpClient nobody = null!;
    private HttpClient admin = null!;
    private HttpClient stranger = null!;
    private PaperAgent agent = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await MusterServer.StartAsync(webDirectory: web.Path);
        nobody = server.CreateClient();
        admin = await server.SignInAsync();
        stranger = await server.WithTokenAsync("Nothing.Nothing");
        agent = await PlanSamples.SeedAsync(server, admin);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in new[] { nobody, admin, stranger })
        {
            client.Dispose();
        }

        agent.Dispose();
        await server.DisposeAsync();
        web.Dispose();
    }

    [Fact]
    public async Task Each_is_closed_to_whoever_may_not_use_it_and_open_to_whoever_may()
    {
        var untested = new List<string>();
        foreach (var endpoint in server.Services.GetRequiredService<EndpointDataSource>().Endpoints)
        {
            if (endpoint is not RouteEndpoint route || !await TryAskAsync(route))
            {
                untested.Add(endpoint.DisplayName ?? endpoint.ToString()!);
            }
        }

        Assert.Empty(wrong);
        Golden.Match(string.Join('\n', untested), "routes-without-authorization-test.golden.txt");
    }

    private async Task<bool> TryAskAsync(RouteEndpoint route)
    {
        foreach (var method in route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
        {
            switch (route.Metadata.GetMetadata<Access>())
            {
                case Access.ByOperation { Operation: var operation }:
                    await ExpectAsync(route, method, nobody, "nobody", "login.required");
                    await ExpectAsync(route, method, stranger, "a token without it", "operation.denied");
                    await AskWithPatternAsync(route, method, operation);
                    break;
                case Access.SignedIn:
                    await ExpectAsync(route, method, nobody, "nobody", "login.required");
                    await ExpectAsync(route, method, stranger, "any token", null);
                    break;
                case Access.Agents:
                    await ExpectAsync(route, method, nobody, "nobody", "cert.missing");
                    await ExpectAsync(route, method, admin, "a person", "cert.missing");
                    await ExpectAsync(route, method, agent.Client, "a machine", null);
                    break;
                case Access.Everybody:
                    await ExpectAsync(route, method, nobody, "nobody", null);
                    break;
                default:
                    return false;
            }
        }

        return route.Metadata.GetMetadata<IHttpMethodMetadata>() is not null;
    }

    private async Task AskWithPatternAsync(RouteEndpoint route, string method, Operation operation)
    {
        using var named = await server.WithTokenAsync(operation.Name);
        await ExpectAsync(route, method, named, "a token with it", null);
        using var noun = await server.WithTokenAsync(operation.Name[..operation.Name.IndexOf('.', StringComparison.Ordinal)] + ".*");
        await ExpectAsync(route, method, noun, "a token with all of its noun", operation.Sensitive ? "operation.denied" : null);
    }

    /// <param name="refusal">The code of the refusal; null for being let in, whatever then comes of a request without arguments.</param>
    private async Task ExpectAsync(RouteEndpoint route, string method, HttpClient client, string who, string? refusal)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), AddressOf(route));
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        var isRefused = answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
        var got = isRefused ? (await answer.Content.ReadFromJsonAsync<Problem>(WireJson.Options, Cancellation))!.Code : null;
        if (got != refusal || answer.StatusCode == HttpStatusCode.InternalServerError)
        {
            wrong.Add($"{method} {route.RoutePattern.RawText} by {who}: {(int)answer.StatusCode} {got}, not {refusal ?? "let in"}");
        }
    }

    private static string AddressOf(RouteEndpoint route)
    {
        var zeros = new string('0', 64);
        return route.RoutePattern.RawText!.Replace("{hash}", zeros, StringComparison.Ordinal).Replace("{kind}/{digest}", "file/" + zeros, StringComparison.Ordinal).Split("{**")[0];
    }
}
