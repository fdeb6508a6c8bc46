using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Muster.Server.Database;
using Muster.Testing;

namespace Muster.Tests.Cli;

/// <summary>A connection that breaks when the change is done and before the person hears of it.</summary>
public sealed class LostAnswerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/v1/machines/invite", false)]
    [InlineData("/apply", true)]
    public async Task It_is_asked_for_once_more_and_done_once(string losing, bool planned)
    {
        var asked = 0;
        await using var server = await MusterServer.StartAsync(more: app => app.Use(async (http, next) =>
        {
            if (http.Request.Path.Value!.EndsWith(losing, StringComparison.Ordinal) && http.Request.Query.Count == 0 && ++asked == 1)
            {
                http.Response.Body = new MemoryStream();
                await next(http);
                http.Abort();
                return;
            }

            await next(http);
        }));
        using var muster = new CommandLine();
        await muster.LoginAsync(server);

        var seen = planned ? await muster.RunAsync(["machines", "invite"], typed: "y\n") : await muster.RunAsync("machines", "invite", "--yes");

        Assert.Equal(0, seen.ExitCode);
        Assert.Contains("MUSTER_JOIN=msj_", seen.Output, StringComparison.Ordinal);
        Assert.Equal(2, asked);
        Assert.Equal(1, await server.Services.GetRequiredService<SqlDatabase>().ReadAsync(sql => sql.GetAsync<long>("SELECT count(*) FROM invitations", null, Cancellation), Cancellation));
    }
}
