using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Muster.Agent.Identity;
using Muster.Core.Problems;
using Muster.Files;
using Muster.Protocol.Agent;

namespace Muster.Agent.Session;

/// <summary>
/// The last order accepted, on disk before anything is done about it, so that a restarted agent keeps what it was told without asking,
/// and so that nobody can make it take an older one.
/// </summary>
internal sealed class OrderBook
{
    private readonly SafeFileHandle? state;
    private readonly MachineIdentity identity;
    private long fulfilled;
    private (long Fulfilled, Order? Kept) saved;

    /// <summary>A null folder remembers nothing past the process: for simulated machines.</summary>
    public OrderBook(SafeFileHandle? state, MachineIdentity identity)
    {
        this.state = state;
        this.identity = identity;
        Last = Load("order.json"u8);
        Kept = Load("kept.json"u8);
        fulfilled = state is not null && AtomicFile.Read(state, "fulfilled"u8, 100) is { } bytes && long.TryParse(bytes, CultureInfo.InvariantCulture, out var number) ? number : 0;
        saved = (fulfilled, Kept);
    }

    /// <summary>True if the machine was once like the last order says: what differs since is drift and not an update.</summary>
    public bool IsFulfilled => fulfilled == Number;

    /// <summary>The last order whose image was whole on this machine: what is kept while a newer one cannot be fetched. Null before the first.</summary>
    public Order? Kept { get; private set; }

    /// <summary>Notes that the machine is like an order says; <see cref="Save"/> makes it outlast the process.</summary>
    public void Fulfilled(long number) => fulfilled = number;

    /// <summary>Notes that an order's image is whole; <see cref="Save"/> makes it outlast the process.</summary>
    public void Keep(Order order) => Kept = order;

    /// <summary>Writes what was noted and is not on disk yet.</summary>
    public void Save()
    {
        if (state is null)
        {
            return;
        }

        if (saved.Fulfilled != fulfilled)
        {
            AtomicFile.Write(state, "fulfilled"u8, Encoding.ASCII.GetBytes($"{fulfilled}"));
            saved.Fulfilled = fulfilled;
        }

        if (Kept is { } kept && !ReferenceEquals(saved.Kept, kept))
        {
            AtomicFile.Write(state, "kept.json"u8, JsonSerializer.SerializeToUtf8Bytes(kept, AgentJson.Default.Order));
            saved.Kept = kept;
        }
    }

    /// <summary>What is to be done; null before the first order.</summary>
    public Order? Last { get; private set; }

    public InstallationId Installation => identity.Installation;

    public long Epoch => Last?.Epoch ?? identity.Epoch;

    public long Number => Last?.Number ?? 0;

    /// <summary>Accepts an order durably. False for the one already known.</summary>
    /// <exception cref="ProblemException">The order is refused, whole; the code says why.</exception>
    public bool Accept(Order order)
    {
        if (order.Installation != identity.Installation)
        {
            throw Refused("order.installation", $"the order is of installation {order.Installation}, this machine belongs to {identity.Installation}");
        }

        if (order.Epoch > Epoch)
        {
            throw Refused("order.epoch", $"the order is of epoch {order.Epoch}, known is {Epoch}, and nothing signed opens the new one");
        }

        if (order.Epoch < Epoch || order.Number < Number)
        {
            throw Refused("order.old", $"the order {order.Epoch}.{order.Number} is older than the last, {Epoch}.{Number}");
        }

        if (order.Steps.FirstOrDefault(step => step.Kind is not ("keep" or "forget") || (step.Kind == "keep" && (step.Image is null || step.Mode is null))) is { } unknown)
        {
            throw Refused("order.unknown-step", $"the order {order.Epoch}.{order.Number} has a step '{unknown.Kind}' that this agent ({ServerConnection.Build}) does not know");
        }

        if (order.Number == Number && Last is not null && Last.Steps.SequenceEqual(order.Steps))
        {
            return false;
        }

        if (state is not null)
        {
            AtomicFile.Write(state, "order.json"u8, JsonSerializer.SerializeToUtf8Bytes(order, AgentJson.Default.Order));
        }

        Last = order;
        return true;
    }

    private Order? Load(ReadOnlySpan<byte> name)
    {
        if (state is null || AtomicFile.Read(state, name, EventStream.Limit) is not { } bytes)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(bytes, AgentJson.Default.Order);
        }
        catch (JsonException e)
        {
            throw new ProblemException(ProblemKind.Invalid, "state.damaged", $"{Encoding.ASCII.GetString(name)} in the state folder is damaged ({e.Message}); remove it, the server repeats its order", e);
        }
    }

    private static ProblemException Refused(string code, string message) => new(ProblemKind.Denied, code, message);
}
