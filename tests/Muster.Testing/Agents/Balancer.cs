using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Muster.Testing.Agents;

/// <summary>A load balancer that passes connections through: each goes to the first of its targets that takes it.</summary>
public sealed class Balancer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentBag<Task> carrying = [];
    private readonly Task accepting;

    /// <param name="targets">Ports on this host, the one that is preferred first.</param>
    public Balancer(params int[] targets)
    {
        Targets = targets;
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync();
    }

    /// <summary>Where to connect instead.</summary>
    public int Port { get; }

    public IReadOnlyList<int> Targets { get; set; }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(carrying);
        stop.Dispose();
        listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            carrying.Add(CarryAsync(await listener.AcceptTcpClientAsync(stop.Token)));
        }
    }

    private async Task CarryAsync(TcpClient near)
    {
        using (near)
        {
            foreach (var target in Targets)
            {
                using var far = new TcpClient();
                try
                {
                    await far.ConnectAsync(IPAddress.Loopback, target, stop.Token);
                }
                catch (SocketException)
                {
                    continue;
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                await PassAsync(near, far);
                return;
            }
        }
    }

    // The end of either is the end of both.
    private async Task PassAsync(TcpClient near, TcpClient far)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        var there = near.GetStream().CopyToAsync(far.GetStream(), end.Token);
        var back = far.GetStream().CopyToAsync(near.GetStream(), end.Token);
        await Task.WhenAny(there, back);
        await end.CancelAsync();
        await Task.WhenAll(there, back).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
