using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Muster.Testing.Agents;

/// <summary>A network between two programs that the test can cut, or let go silent as a router does that has forgotten a connection.</summary>
public sealed class CuttableLink : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<Wire, byte> wires = [];
    private readonly int target;
    private readonly Task accepting;

    /// <param name="target">The port on this host to which everything goes.</param>
    public CuttableLink(int target)
    {
        this.target = target;
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync();
    }

    /// <summary>Where to connect instead.</summary>
    public int Port { get; }

    /// <summary>How many connections were made.</summary>
    public int Connections { get; private set; }

    /// <summary>True refuses new connections, each as soon as it is made.</summary>
    public bool IsDown { get; set; }

    /// <summary>Breaks every connection, so that both ends learn of it.</summary>
    public void Cut()
    {
        foreach (var wire in wires.Keys)
        {
            wire.Cut();
        }
    }

    /// <summary>Lets nothing through any more on the connections there are, and tells neither end.</summary>
    public void FallSilent()
    {
        foreach (var wire in wires.Keys)
        {
            wire.IsSilent = true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Cut();
        stop.Dispose();
        listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        var carrying = new List<Task>();
        while (!stop.IsCancellationRequested)
        {
            var near = await listener.AcceptTcpClientAsync(stop.Token);
            Connections++;
            if (IsDown)
            {
                near.Dispose();
                continue;
            }

            carrying.Add(CarryAsync(near));
        }

        await Task.WhenAll(carrying);
    }

    private async Task CarryAsync(TcpClient near)
    {
        using var wire = new Wire(near);
        wires.TryAdd(wire, 0);
        try
        {
            await wire.RunAsync(target, stop.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One end has gone: the other is told by the end of this one.
        }
        finally
        {
            wires.TryRemove(wire, out _);
        }
    }

    private sealed class Wire(TcpClient near) : IDisposable
    {
        private readonly TcpClient far = new();

        public bool IsSilent { get; set; }

        public async Task RunAsync(int target, CancellationToken cancellationToken)
        {
            await far.ConnectAsync(IPAddress.Loopback, target, cancellationToken);
            var first = await Task.WhenAny(MoveAsync(near, far, cancellationToken), MoveAsync(far, near, cancellationToken));
            await first;
        }

        public void Cut()
        {
            near.Close();
            far.Close();
        }

        public void Dispose()
        {
            near.Dispose();
            far.Dispose();
        }

        private async Task MoveAsync(TcpClient from, TcpClient to, CancellationToken cancellationToken)
        {
            var buffer = new byte[64 * 1024];
            while (await from.GetStream().ReadAsync(buffer, cancellationToken) is var count and > 0)
            {
                if (!IsSilent)
                {
                    await to.GetStream().WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                }
            }

            // Silence hides also that one end has gone.
            if (IsSilent)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }
        }
    }
}
