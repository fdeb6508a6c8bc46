using Muster.Agent.Fetching;
using Muster.Agent.Scanning;
using Muster.Core.Problems;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;

namespace Muster.Agent.Enforcing;

// From an order to what is kept.
internal sealed partial class Keeper
{
    private async Task AdoptAsync(Order order, long? at, CancellationToken cancellationToken, CancellationToken stopping)
    {
        await preparation.EndAsync();
        agenda.Begin();
        told = at;
        var step = order.Steps.Count == 0 ? null : order.Steps[^1];
        caretaker.Spares = step is { Kind: "keep" };
        if (step is not { Kind: "keep" })
        {
            aim = null;
            kept.Forget();
            WatchFor(null);
            context.Report.Set(now => now with { Order = order.Number, State = MachineState.Unknown, Why = "nothing is wanted of this machine", Progress = null, Counts = null });
            return;
        }

        context.Report.Set(now => now with { Order = order.Number, State = MachineState.Planned, Why = null });
        aim ??= await FindKeptAsync(cancellationToken);
        if (aim?.Image.Digest == step.Image!.Value)
        {
            await AimAsync(order, aim.Image, cancellationToken);
            return;
        }

        // Meanwhile the old image is kept, unless one of the two orders wants nothing changed.
        aim = aim is { } old && step.Mode == MachineMode.Monitor ? old with { Mode = MachineMode.Monitor } : aim;
        preparation.Begin(order, aim?.Image, kept.Seen, stopping);
    }

    // What was kept before a restart, if the newest order's image was not whole by then.
    private async Task<Aim?> FindKeptAsync(CancellationToken cancellationToken)
    {
        if (context.Orders.Kept is not { Steps: [.., { Kind: "keep", Image: { } digest, Mode: { } mode } step] } order
            || await images.FindAsync(digest, Preparation.NameOf(step), cancellationToken) is not { } image)
        {
            return null;
        }

        WatchFor(image);
        agenda.RescanNow();
        return new Aim(image, mode, order.Number);
    }

    private async Task AimAsync(Order order, WantedImage image, CancellationToken cancellationToken)
    {
        // Of what the old filter left alone nothing is known, and a sparse image's filter is its tree.
        if (aim is { } old && !ReferenceEquals(old.Image, image) && (image.Image.Filter is null || image.Image.Filter != old.Image.Image.Filter))
        {
            kept.Forget();
        }

        aim = new Aim(image, order.Steps[^1].Mode!.Value, order.Number);
        caretaker.Spares = false;
        WatchFor(image);
        context.Orders.Keep(order);
        context.Effort.Try("orders", context.Orders.Save);
        await ConvergeAsync(isNew: told is not null, gently: false, cancellationToken);
    }

    private async Task FinishAsync(CancellationToken cancellationToken)
    {
        var order = preparation.Order!;
        WantedImage image;
        try
        {
            image = await preparation.TakeAsync();
        }
        catch (ProblemException e)
        {
            agenda.PreparationFailed(e.RetryAfter);
            Explain(e);
            return;
        }

        await AimAsync(order, image, cancellationToken);
    }
}
