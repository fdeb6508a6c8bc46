using Muster.Protocol.Operations;
using Muster.Server.Identity;

namespace Muster.Server.Operations;

/// <summary>
/// Something the server can be asked for. Its name is at once its route (<c>Machines.RequireImage</c> is
/// <c>POST /api/v1/machines/require-image</c>), its permission and its title wherever it is shown.
/// A released name is never reused.
/// </summary>
internal abstract class Operation
{
    public abstract string Name { get; }

    /// <summary>What it does, in one sentence.</summary>
    public abstract string Summary { get; }

    /// <summary>Granted only by its full name or <c>*.*</c>: exporting keys, destroying, changing rights.</summary>
    public virtual bool Sensitive => false;

    public virtual bool AllowedWhilePasswordMustChange => false;

    public abstract string Kind { get; }

    public abstract string Method { get; }

    public virtual string Path => OperationName.Path(Name);
}

/// <summary>A change: first planned without changing anything, then applied as planned, in one transaction.</summary>
internal abstract class ChangeOperation : Operation
{
    public sealed override string Kind => "change";

    public sealed override string Method => HttpMethods.Post;

    public abstract Type Arguments { get; }

    public abstract Type Result { get; }

    /// <summary>
    /// Slow work that needs no transaction (hashing a password), done before each one, because there is only one writer. What it
    /// finds may be outdated when the transaction begins, so the planner looks again at what it rests on.
    /// </summary>
    public abstract Task<object?> PrepareUntypedAsync(object arguments, Caller caller, CancellationToken cancellationToken);

    public abstract Task<PlanDraft> PlanUntypedAsync(object arguments, object? prepared, PlanContext context, CancellationToken cancellationToken);

    public abstract Task<object> ApplyUntypedAsync(object arguments, object? prepared, Plan plan, ApplyContext context, CancellationToken cancellationToken);
}

/// <inheritdoc cref="ChangeOperation"/>
internal abstract class ChangeOperation<TArguments, TResult> : ChangeOperation
    where TArguments : class, IArguments
    where TResult : class
{
    public sealed override Type Arguments => typeof(TArguments);

    public sealed override Type Result => typeof(TResult);

    public sealed override Task<object?> PrepareUntypedAsync(object arguments, Caller caller, CancellationToken cancellationToken) => Task.FromResult<object?>(null);

    /// <summary>
    /// Reads, decides, and says what would change. It is run again inside the transaction that applies the plan; a different outcome
    /// means that the world moved and the plan is refused. So it depends on nothing but its arguments.
    /// </summary>
    public abstract Task<PlanDraft> PlanAsync(TArguments arguments, PlanContext context, CancellationToken cancellationToken);

    /// <summary>Carries out exactly the plan. May be rolled back and run again, so its effects are rows and <c>AfterCommit</c> wakes.</summary>
    public abstract Task<TResult> ApplyAsync(TArguments arguments, Plan plan, ApplyContext context, CancellationToken cancellationToken);

    public sealed override Task<PlanDraft> PlanUntypedAsync(object arguments, object? prepared, PlanContext context, CancellationToken cancellationToken) =>
        PlanAsync((TArguments)arguments, context, cancellationToken);

    public sealed override async Task<object> ApplyUntypedAsync(object arguments, object? prepared, Plan plan, ApplyContext context, CancellationToken cancellationToken) =>
        await ApplyAsync((TArguments)arguments, plan, context, cancellationToken);
}

/// <summary>A change with slow work before its transactions; see <see cref="ChangeOperation.PrepareUntypedAsync"/>.</summary>
internal abstract class PreparedChangeOperation<TArguments, TPrepared, TResult> : ChangeOperation
    where TArguments : class, IArguments
    where TPrepared : class
    where TResult : class
{
    public sealed override Type Arguments => typeof(TArguments);

    public sealed override Type Result => typeof(TResult);

    public abstract Task<TPrepared> PrepareAsync(TArguments arguments, Caller caller, CancellationToken cancellationToken);

    public abstract Task<PlanDraft> PlanAsync(TArguments arguments, TPrepared prepared, PlanContext context, CancellationToken cancellationToken);

    public abstract Task<TResult> ApplyAsync(TArguments arguments, TPrepared prepared, Plan plan, ApplyContext context, CancellationToken cancellationToken);

    public sealed override async Task<object?> PrepareUntypedAsync(object arguments, Caller caller, CancellationToken cancellationToken) =>
        await PrepareAsync((TArguments)arguments, caller, cancellationToken);

    public sealed override Task<PlanDraft> PlanUntypedAsync(object arguments, object? prepared, PlanContext context, CancellationToken cancellationToken) =>
        PlanAsync((TArguments)arguments, (TPrepared)prepared!, context, cancellationToken);

    public sealed override async Task<object> ApplyUntypedAsync(object arguments, object? prepared, Plan plan, ApplyContext context, CancellationToken cancellationToken) =>
        await ApplyAsync((TArguments)arguments, (TPrepared)prepared!, plan, context, cancellationToken);
}

/// <summary>A read: permission only, arguments in the query, no plan.</summary>
internal abstract class ReadOperation : Operation
{
    public sealed override string Kind => "read";

    /// <summary>POST only where the arguments are too many for a query; it still changes nothing.</summary>
    public override string Method => HttpMethods.Get;

    public abstract Type Arguments { get; }

    public abstract Type Result { get; }

    public abstract Task<object> ReadUntypedAsync(object arguments, ReadContext context, CancellationToken cancellationToken);
}

/// <inheritdoc cref="ReadOperation"/>
internal abstract class ReadOperation<TArguments, TResult> : ReadOperation
    where TArguments : class, IArguments
    where TResult : class
{
    public sealed override Type Arguments => typeof(TArguments);

    public sealed override Type Result => typeof(TResult);

    public abstract Task<TResult> ReadAsync(TArguments arguments, ReadContext context, CancellationToken cancellationToken);

    public sealed override async Task<object> ReadUntypedAsync(object arguments, ReadContext context, CancellationToken cancellationToken) =>
        await ReadAsync((TArguments)arguments, context, cancellationToken);
}

/// <summary>Something that a stream operation reads beside its body, as the API document tells it.</summary>
/// <param name="In"><c>query</c> or <c>header</c>.</param>
internal sealed record StreamParameter(string Name, string Description, bool Required = false, Type? Type = null, string In = "query");

/// <summary>Bytes instead of JSON (objects, event streams): permission as for any operation, the body is its own affair.</summary>
internal abstract class StreamOperation : Operation
{
    public sealed override string Kind => "stream";

    /// <summary>Largest request body; null where there is none to read.</summary>
    public virtual long? MaxBodyBytes => null;

    /// <summary>Media type of the request's body; null where there is none to read.</summary>
    public virtual string? Consumes => null;

    /// <summary>Media type of the answer.</summary>
    public virtual string Produces => "application/octet-stream";

    /// <summary>The record that is answered as JSON; null for bytes.</summary>
    public virtual Type? Result => null;

    /// <summary>What it reads from the query or the headers.</summary>
    public virtual IReadOnlyList<StreamParameter> Parameters => [];

    public abstract Task HandleAsync(HttpContext http, Caller caller, CancellationToken cancellationToken);
}
