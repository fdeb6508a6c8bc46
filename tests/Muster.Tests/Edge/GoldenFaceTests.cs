using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Muster.Server.Edge;
using Muster.Testing;

namespace Muster.Tests.Edge;

/// <summary>What the outside sees of the server, kept as files.</summary>
public sealed class GoldenFaceTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task The_api_document_is_the_committed_one()
    {
        await using var server = await MusterServer.StartAsync();
        using var client = server.CreateClient();
        var document = JsonNode.Parse(await client.GetStringAsync("/api/openapi.json"));
        Golden.Match(document!.ToJsonString(Indented), "openapi.golden.json");
    }

    [Fact]
    public async Task Every_reference_in_the_api_document_is_defined()
    {
        await using var server = await MusterServer.StartAsync();
        using var client = server.CreateClient();
        var text = await client.GetStringAsync("/api/openapi.json");
        var document = JsonNode.Parse(text)!;
        var schemas = document["components"]!["schemas"]!.AsObject();
        foreach (var reference in References(document))
        {
            Assert.NotNull(schemas[reference.Split('/')[^1]]);
        }
    }

    [Fact]
    public async Task Metrics_have_the_committed_names()
    {
        await using var server = await MusterServer.StartAsync();
        Golden.Match(string.Join('\n', server.Services.GetRequiredService<Metrics>().Names), "metrics.golden.txt");
    }

    [Fact]
    public async Task Routes_open_to_everybody_are_the_committed_ones_with_their_reason()
    {
        using var folder = new TemporaryFolder();
        await using var server = await MusterServer.StartAsync(webDirectory: folder.Path);
        var open = server.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<Access>() is Access.Everybody)
            .Select(endpoint => $"{endpoint.RoutePattern.RawText}: {((Access.Everybody)endpoint.Metadata.GetMetadata<Access>()!).Why}")
            .Order(StringComparer.Ordinal);
        Golden.Match(string.Join('\n', open), "open-routes.golden.txt");
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => member.Key == "$ref" ? [(string)member.Value!] : References(member.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };
}
