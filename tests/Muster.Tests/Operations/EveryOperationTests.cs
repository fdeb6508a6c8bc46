using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Muster.Protocol.Edge;
using Muster.Protocol.Identity;
using Muster.Server.Database;
using Muster.Server.Edge;
using Muster.Server.Operations;
using Muster.Testing;

namespace Muster.Tests.Operations;

/// <summary>What holds for each operation that is registered, whoever wrote it.</summary>
public sealed class EveryOperationTests : IAsyncLifetime
{
    private MusterServer server = null!;
    private HttpClient admin = null!;

    public async ValueTask InitializeAsync()
    {
        server = await MusterServer.StartAsync();
        admin = await server.SignInAsync();
        (await admin.PostAsJsonAsync("/api/v1/tokens/add", new AddToken("kept", ["Tokens.List"]), WireJson.Options)).EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        admin.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Planning_writes_nothing_but_the_plan()
    {
        var changes = Registry.All.OfType<ChangeOperation>().ToList();
        Assert.Empty(changes.Select(change => change.Name).Except(PlanSamples.All.Keys));
        foreach (var change in changes)
        {
            var before = await HashAllTablesAsync();
            using var body = new StringContent(PlanSamples.All[change.Name], Encoding.UTF8, "application/json");
            var answer = await admin.PostAsync(change.Path + "?plan=true", body);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True((int)answer.StatusCode < 500 && !text.Contains("arguments.invalid", StringComparison.Ordinal), $"{change.Name}: {text}");
            Assert.Equal(before, await HashAllTablesAsync());
        }
    }

    [Fact]
    public async Task None_is_answered_without_signing_in_or_without_its_permission()
    {
        using var nobody = server.CreateClient();
        using var other = await server.WithTokenAsync("Nothing.Nothing");
        foreach (var operation in Registry.All)
        {
            Assert.Equal((HttpStatusCode.Unauthorized, "login.required"), await AskAsync(nobody, operation));
            Assert.Equal((HttpStatusCode.Forbidden, "operation.denied"), await AskAsync(other, operation));
        }
    }

    [Fact]
    public void Routes_without_an_authorization_test_are_none()
    {
        var untested = server.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .Where(endpoint => endpoint.Metadata.GetMetadata<Access>() is not (Access.ByOperation or Access.SignedIn or Access.Agents or Access.Everybody))
            .Select(endpoint => endpoint.DisplayName);
        Golden.Match(string.Join('\n', untested), "routes-without-authorization-test.golden.txt");
    }

    [Fact]
    public async Task Routes_for_whoever_is_signed_in_are_closed_to_nobody_and_those_of_machines_to_people()
    {
        using var nobody = server.CreateClient();
        foreach (var endpoint in server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var client = endpoint.Metadata.GetMetadata<Access>() switch
            {
                Access.SignedIn => nobody,
                Access.Agents => admin,
                _ => null,
            };
            if (client is not null)
            {
                var method = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0];
                using var request = new HttpRequestMessage(new HttpMethod(method), endpoint.RoutePattern.RawText!.Replace("{hash}", new string('0', 64), StringComparison.Ordinal));
                Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(request)).StatusCode);
            }
        }
    }

    [Fact]
    public void Names_are_a_noun_in_the_plural_and_a_verb()
    {
        foreach (var operation in Registry.All)
        {
            Assert.Matches("^[A-Z][A-Za-z]*s\\.[A-Z][A-Za-z]*$", operation.Name);
            Assert.EndsWith(".", operation.Summary, StringComparison.Ordinal);
        }
    }

    private OperationRegistry Registry => server.Services.GetRequiredService<OperationRegistry>();

    private static async Task<(HttpStatusCode Status, string Code)> AskAsync(HttpClient client, Operation operation)
    {
        using var request = new HttpRequestMessage(new HttpMethod(operation.Method), operation.Path);
        var answer = await client.SendAsync(request);
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<Problem>(WireJson.Options))!.Code);
    }

    private Task<string> HashAllTablesAsync()
    {
        var database = server.Services.GetRequiredService<SqlDatabase>();
        return database.ReadAsync(
            async sql =>
            {
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                foreach (var table in await sql.QueryAsync<string>(database.Dialect.ListTables, null, CancellationToken.None))
                {
                    // Plans may come; leases are renewed by the clock.
                    if (table is "plans" or "leases")
                    {
                        continue;
                    }

                    foreach (var row in await sql.QueryAsync<object>($"SELECT * FROM {table}", null, CancellationToken.None))
                    {
                        foreach (var (column, value) in (IDictionary<string, object?>)row)
                        {
                            hash.AppendData(Encoding.UTF8.GetBytes($"{table}.{column}={(value is byte[] bytes ? Convert.ToHexString(bytes) : value)}\n"));
                        }
                    }
                }

                return Convert.ToHexString(hash.GetHashAndReset());
            },
            CancellationToken.None);
    }
}
