using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Muster.Core.Problems;
using Muster.Server.Database;
using Muster.Server.Edge;

namespace Muster.Server.Machines;

/// <summary>
/// The stream down to one agent: the present order at once, each later one when it comes to be. Waking is only early; what is
/// sent is always read from the table.
/// </summary>
internal sealed class SessionStream(
    SqlDatabase database, MachineSessions sessions, MachineLinks links, IOptions<MachinesOptions> options, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly TimeSpan CommentEvery = TimeSpan.FromSeconds(20);

    public async Task RunAsync(HttpContext http)
    {
        var caller = http.GetCaller();
        var machine = await database.ReadAsync(sql => MachineStore.GetAsync(sql, caller.Organisation, caller.Machine, http.RequestAborted), http.RequestAborted);
        var session = sessions.Of(caller.Organisation, caller.Machine);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        using var stream = session.Open(ending.Token);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store, no-transform";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            session.Heard();
            await links.ConnectedAsync(machine, stream.Token);
            await FollowAsync(http, session, stream.Token);
        }
        catch (OperationCanceledException) when (stream.IsCancellationRequested)
        {
            // Cut, replaced by a newer stream, or the server stops: the agent connects again.
        }
        finally
        {
            if (session.Close(stream) && !lifetime.ApplicationStopping.IsCancellationRequested)
            {
                await links.BrokenAsync(machine, CancellationToken.None);
            }
        }
    }

    private async Task FollowAsync(HttpContext http, MachineSession session, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var sent = -1L;
        while (true)
        {
            var wake = session.Signal.Next;
            var (installation, machine) = await database.ReadAsync(
                async sql => (await Installation.GetAsync(sql, cancellationToken), await MachineStore.FindAsync(sql, session.Organisation, session.Machine, cancellationToken)), cancellationToken);
            if (machine is null)
            {
                return;
            }

            if (machine.OrderNumber != sent)
            {
                sent = machine.OrderNumber;
                var order = JsonSerializer.Serialize(MachineOrder.Of(installation, machine), WireJson.Options);
                await SendAsync(http, string.Create(CultureInfo.InvariantCulture, $"id: {installation.Epoch}.{sent}\nevent: order\ndata: {order}\n\n"), cancellationToken);
            }
            else
            {
                await SendAsync(http, ":\n\n", cancellationToken);
            }

            if (time.GetElapsedTime(began) > options.Value.SessionLifetime)
            {
                await SendAsync(http, "event: renew\ndata: {}\n\n", cancellationToken);
                return;
            }

            await Task.WhenAny(wake, Task.Delay(CommentEvery, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static async Task SendAsync(HttpContext http, string text, CancellationToken cancellationToken)
    {
        try
        {
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
            await http.Response.Body.FlushAsync(cancellationToken);
        }
        catch (IOException e)
        {
            throw new ProblemException(ProblemKind.Unavailable, "session.cut", "the stream broke", e);
        }
    }
}
