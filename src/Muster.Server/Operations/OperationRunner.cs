using System.Text;
using System.Text.Json;
using Muster.Core.Problems;
using Muster.Protocol.Operations;
using Muster.Server.Database;
using Muster.Server.Edge;
using Muster.Server.Identity;
using Muster.Server.Secrets;

namespace Muster.Server.Operations;

/// <summary>
/// Plans and applies changes. A plan is applied only as it was shown: the planner runs again inside the applying transaction, and if it
/// decides anything else the answer is <c>plan.stale</c> with what moved. Answers are kept sealed, so that asking twice changes once.
/// </summary>
internal sealed class OperationRunner(SqlDatabase database, OperationRegistry registry, Sealer sealer, OperationsMetrics metrics, TimeProvider time)
{
    private static readonly TimeSpan PlanLifetime = TimeSpan.FromHours(24);

    public async Task<Plan> PlanAsync(ChangeOperation operation, object arguments, Caller caller, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var draft = await database.ReadAsync(sql => operation.PlanUntypedAsync(arguments, new PlanContext(caller, sql, now), cancellationToken), cancellationToken);
        var plan = Complete(operation, arguments, draft, caller, now);
        var stored = new StoredPlan
        {
            Organisation = caller.Organisation,
            Caller = caller.Id,
            Hash = plan.Hash.ToString(),
            Operation = operation.Name,
            Created = plan.CreatedAt,
            Expires = plan.ExpiresAt,
            Plan = JsonSerializer.Serialize(plan, WireJson.Options),
            Arguments = sealer.Seal(Name(caller, "plan-arguments", plan.Hash.ToString()), JsonSerializer.SerializeToUtf8Bytes(arguments, operation.Arguments, WireJson.Options)),
        };
        await database.WriteAsync(sql => PlanStore.PutAsync(sql, stored, cancellationToken), cancellationToken);
        metrics.Planned(operation);
        return plan;
    }

    /// <summary>The plan as it was stored, for its maker.</summary>
    public async Task<Plan> GetPlanAsync(string hash, Caller caller, CancellationToken cancellationToken)
    {
        var stored = await database.ReadAsync(sql => PlanStore.FindAsync(sql, caller.Organisation, caller.Id, hash, cancellationToken), cancellationToken);
        return stored is not null ? JsonSerializer.Deserialize<Plan>(stored.Plan, WireJson.Options)! : throw NoPlan(hash);
    }

    /// <summary>The operation of a stored plan, to check the permission before applying.</summary>
    public async Task<ChangeOperation> GetPlannedOperationAsync(string hash, Caller caller, CancellationToken cancellationToken)
    {
        var stored = await database.ReadAsync(sql => PlanStore.FindAsync(sql, caller.Organisation, caller.Id, hash, cancellationToken), cancellationToken);
        return stored is not null && registry.TryFind(stored.Operation, out var found) && found is ChangeOperation change ? change : throw NoPlan(hash);
    }

    public Task<byte[]> ApplyAsync(string hash, Caller caller, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async sql =>
            {
                var stored = await PlanStore.FindAsync(sql, caller.Organisation, caller.Id, hash, cancellationToken) ?? throw NoPlan(hash);
                var resultName = Name(caller, "plan-result", hash);
                if (stored.Result is not null)
                {
                    return sealer.Open(resultName, stored.Result);
                }

                if (stored.Expires < time.GetUtcNow() || !registry.TryFind(stored.Operation, out var found) || found is not ChangeOperation operation)
                {
                    throw NoPlan(hash);
                }

                var arguments = JsonSerializer.Deserialize(sealer.Open(Name(caller, "plan-arguments", hash), stored.Arguments), operation.Arguments, WireJson.Options)!;
                var plan = JsonSerializer.Deserialize<Plan>(stored.Plan, WireJson.Options)!;
                await RecheckAsync(sql, operation, arguments, plan, caller, cancellationToken);

                var result = await CarryOutAsync(sql, operation, arguments, plan, caller, cancellationToken);
                await PlanStore.SetResultAsync(sql, stored, sealer.Seal(resultName, result), cancellationToken);
                return result;
            },
            cancellationToken);

    /// <summary>Plans and applies in one transaction.</summary>
    public Task<byte[]> RunAsync(ChangeOperation operation, object arguments, Caller caller, string? idempotencyKey, CancellationToken cancellationToken)
    {
        var request = sealer.Digest(
            new SecretName(caller.Organisation, "idempotency", operation.Name),
            Encoding.UTF8.GetBytes(PlanHash.Masked(caller.Organisation, operation, arguments, sealer).ToJsonString()));
        return database.WriteAsync(
            async sql =>
            {
                if (idempotencyKey is not null
                    && await PlanStore.FindFirstAsync(sql, caller.Organisation, caller.Id, idempotencyKey, cancellationToken) is { } first)
                {
                    return first.Request == request
                        ? sealer.Open(Name(caller, "idempotency", idempotencyKey), first.Result)
                        : throw new ProblemException(ProblemKind.Conflict, "idempotency.reused", $"the idempotency key '{idempotencyKey}' was used for another request");
                }

                var now = time.GetUtcNow();
                var draft = await operation.PlanUntypedAsync(arguments, new PlanContext(caller, sql, now), cancellationToken);
                var plan = Complete(operation, arguments, draft, caller, now);
                var result = await CarryOutAsync(sql, operation, arguments, plan, caller, cancellationToken);
                if (idempotencyKey is not null)
                {
                    var kept = new FirstResult { Request = request, Result = sealer.Seal(Name(caller, "idempotency", idempotencyKey), result) };
                    await PlanStore.PutFirstAsync(sql, caller.Organisation, caller.Id, idempotencyKey, kept, now + PlanLifetime, cancellationToken);
                }

                return result;
            },
            cancellationToken);
    }

    private static SecretName Name(Caller caller, string kind, string id) => new(caller.Organisation, kind, $"{caller.Id} {id}");

    private static ProblemException NoPlan(string hash) =>
        new(ProblemKind.NotFound, "plan.unknown", $"there is no plan {hash} of yours; plans are kept for 24 hours: plan again");

    private async Task RecheckAsync(WriteSql sql, ChangeOperation operation, object arguments, Plan plan, Caller caller, CancellationToken cancellationToken)
    {
        PlanDraft again;
        try
        {
            again = await operation.PlanUntypedAsync(arguments, new PlanContext(caller, sql, plan.CreatedAt), cancellationToken);
        }
        catch (ProblemException e) when (e.Kind is ProblemKind.Invalid or ProblemKind.NotFound or ProblemKind.Conflict)
        {
            // What was planned could not even be planned now: its object went, for example.
            metrics.Stale(operation);
            throw new StalePlanException(plan, e);
        }

        if (PlanHash.Of(caller.Organisation, operation, arguments, again, sealer) != plan.Hash)
        {
            metrics.Stale(operation);
            throw new StalePlanException(plan, again);
        }
    }

    private async Task<byte[]> CarryOutAsync(WriteSql sql, ChangeOperation operation, object arguments, Plan plan, Caller caller, CancellationToken cancellationToken)
    {
        var result = await operation.ApplyUntypedAsync(arguments, plan, new ApplyContext(caller, sql, time.GetUtcNow()), cancellationToken);
        sql.AfterCommit(() => metrics.Applied(operation));
        return JsonSerializer.SerializeToUtf8Bytes(result, operation.Result, WireJson.Options);
    }

    private Plan Complete(ChangeOperation operation, object arguments, PlanDraft draft, Caller caller, DateTimeOffset now) => new(
        PlanHash.Of(caller.Organisation, operation, arguments, draft, sealer),
        operation.Name,
        draft.Sentence,
        JsonSerializer.SerializeToElement(PlanHash.Masked(caller.Organisation, operation, arguments, sealer)),
        draft.Changes,
        draft.Effects,
        draft.Warnings,
        draft.Basis,
        now,
        now + PlanLifetime);
}
