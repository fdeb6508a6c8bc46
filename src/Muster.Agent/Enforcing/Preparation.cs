using Muster.Agent.Fetching;
using Muster.Core.Trees;
using Muster.Protocol.Agent;

namespace Muster.Agent.Enforcing;

/// <summary>
/// Brings what a new order wants to the machine, beside the work that keeps it as the last one wanted: until all of it is here, the
/// machine goes on being kept as it was.
/// </summary>
internal sealed class Preparation(ImageLoader images, Updater updater) : IDisposable
{
    private CancellationTokenSource? stop;

    /// <summary>The order that is being prepared; null for none.</summary>
    public Order? Order { get; private set; }

    /// <summary>What is being done for it: the image when it is here. Null where that has not begun, or failed.</summary>
    public Task<WantedImage>? Work { get; private set; }

    /// <summary>What an image is called where its name is not known.</summary>
    public static string NameOf(OrderStep step) => step.ImageName ?? step.Image!.Value.ToString()[..12];

    /// <summary>Begins, or begins again after a failure.</summary>
    /// <param name="like">The image that is kept meanwhile: what both have is not loaded twice.</param>
    /// <param name="seen">Content that is in this tree need not be fetched. Null: what is needed is found out by whoever has looked at it.</param>
    public void Begin(Order order, WantedImage? like, Tree? seen, CancellationToken cancellationToken)
    {
        Order = order;
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var token = stop.Token;
        Work = Task.Run(() => PrepareAsync(order.Steps[^1], like, seen, token), token);
    }

    /// <summary>The image, or why it is not here; then nothing is being done any more.</summary>
    public async Task<WantedImage> TakeAsync()
    {
        var work = Work!;
        Work = null;
        stop!.Dispose();
        stop = null;
        var image = await work;
        Order = null;
        return image;
    }

    /// <summary>Gives up what is being done.</summary>
    public async Task EndAsync()
    {
        if (Work is { } work)
        {
            await stop!.CancelAsync();
            await ((Task)work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        stop?.Dispose();
        (stop, Work, Order) = (null, null, null);
    }

    public void Dispose() => stop?.Dispose();

    private async Task<WantedImage> PrepareAsync(OrderStep step, WantedImage? like, Tree? seen, CancellationToken cancellationToken)
    {
        var image = await images.LoadAsync(step.Image!.Value, NameOf(step), like?.Tree, cancellationToken);
        if (seen is not null)
        {
            await updater.FetchAheadAsync(image, seen, cancellationToken);
        }

        return image;
    }
}
