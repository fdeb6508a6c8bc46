using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Muster.Server.Database;
using Muster.Server.Events;
using Muster.Server.Operations;
using Muster.Testing;
using Muster.Tests.Machines;

namespace Muster.Tests.Operations;

/// <summary>What holds for each operation that is registered, whoever wrote it.</summary>
public sealed class EveryOperationTests : IAsyncLifetime
{
    private MusterServer server = null!;
    private HttpClient admin = null!;
    private PaperAgent agent = null!;

    public async ValueTask InitializeAsync()
    {
        server = await MusterServer.StartAsync();
        admin = await server.SignInAsync();
        agent = await PlanSamples.SeedAsync(server, admin);
    }

    public async ValueTask DisposeAsync()
    {
        agent.Dispose();
        admin.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Planning_writes_nothing_but_the_plan()
    {
        var changes = Registry.All.OfType<ChangeOperation>().ToList();
        Assert.Empty(changes.Select(change => change.Name).Except(PlanSamples.All.Keys));
        await EventsAreNumberedAsync();
        foreach (var change in changes)
        {
            var before = await HashEverythingAsync();
            using var body = new StringContent(PlanSamples.All[change.Name], Encoding.UTF8, "application/json");
            var answer = await admin.PostAsync(change.Path + "?plan=true", body);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{change.Name}: {await answer.Content.ReadAsStringAsync()}");
            Assert.True(before == await HashEverythingAsync(), $"planning {change.Name} wrote something");
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

    [Fact]
    public void What_destroys_or_changes_rights_is_sensitive() => Assert.Equal(
        ["Images.Delete", "Machines.Delete", "Tokens.Add", "Tokens.Delete"],
        Registry.All.Where(operation => operation.Sensitive).Select(operation => operation.Name));

    private OperationRegistry Registry => server.Services.GetRequiredService<OperationRegistry>();

    private SqlDatabase Database => server.Services.GetRequiredService<SqlDatabase>();

    // The numbers come by themselves, after the changes of the seed.
    private async Task EventsAreNumberedAsync()
    {
        var cancellation = TestContext.Current.CancellationToken;
        while (true)
        {
            var next = server.Services.GetRequiredService<EventsNumbered>().Signal.Next;
            if (await Database.ReadAsync(sql => sql.GetAsync<long>("SELECT count(*) FROM events WHERE number IS NULL", null, cancellation), cancellation) == 0)
            {
                return;
            }

            await next.WaitAsync(cancellation);
        }
    }

    private async Task<string> HashEverythingAsync()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(server.DataDirectory, "objects"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file));
            hash.AppendData(await File.ReadAllBytesAsync(file));
        }

        await Database.ReadAsync(
            async sql =>
            {
                foreach (var table in await sql.QueryAsync<string>(Database.Dialect.ListTables, null, CancellationToken.None))
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

                return true;
            },
            CancellationToken.None);
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
