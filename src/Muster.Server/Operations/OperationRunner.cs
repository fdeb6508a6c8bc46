using System.Security.Cryptography;
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
        var prepared = await operation.PrepareUntypedAsync(arguments, caller, cancellationToken);
        var now = time.GetUtcNow();
        var draft = await database.ReadAsync(sql => operation.PlanUntypedAsync(arguments, prepared, new PlanContext(caller, sql, now), cancellationToken), cancellationToken);
        var plan = Complete(operation, arguments, draft, caller, now);
        var stored = new StoredPlan
        {
            Organisation = caller.Organisation,
            Caller = caller.Planner,
            Hash = plan.Hash.ToString(),
            Operation = operation.Name,
            Created = plan.CreatedAt,
            Expires = plan.ExpiresAt,
            Plan = JsonSerializer.Serialize(plan, WireJson.Options),
            Arguments = sealer.Seal(PlanSecret(caller, "plan-arguments", plan.Hash.ToString()), JsonSerializer.SerializeToUtf8Bytes(arguments, operation.Arguments, WireJson.Options)),
        };
        await database.WriteAsync(sql => PlanStore.PutAsync(sql, stored, cancellationToken), cancellationToken);
        metrics.Planned(operation);
        return plan;
    }

    /// <summary>The plan as it was stored, and its operation, whose permission is to be asked for.</summary>
    public async Task<(Plan Plan, ChangeOperation Operation)> GetPlanAsync(string hash, Caller caller, CancellationToken cancellationToken)
    {
        var stored = await database.ReadAsync(sql => FindAsync(sql, hash, caller, cancellationToken), cancellationToken);
        return (JsonSerializer.Deserialize<Plan>(stored.Plan, WireJson.Options)!, OperationOf(stored));
    }

    public static ProblemException NoPlan(string hash) =>
        new(ProblemKind.NotFound, "plan.unknown", $"there is no plan {hash} of yours; plans are kept for 24 hours: plan again");

    public async Task<byte[]> ApplyAsync(string hash, Caller caller, CancellationToken cancellationToken)
    {
        var kept = await database.ReadAsync(sql => FindAsync(sql, hash, caller, cancellationToken), cancellationToken);
        if (kept.Result is not null)
        {
            return FirstResultOf(kept, caller);
        }

        var operation = OperationOf(kept);
        var arguments = JsonSerializer.Deserialize(sealer.Open(PlanSecret(caller, "plan-arguments", hash), kept.Arguments), operation.Arguments, WireJson.Options)!;
        var prepared = await operation.PrepareUntypedAsync(arguments, caller, cancellationToken);
        return await database.WriteAsync(
            async sql =>
            {
                // Whoever asked at the same time may have been first.
                var stored = await FindAsync(sql, hash, caller, cancellationToken);
                if (stored.Result is not null)
                {
                    return FirstResultOf(stored, caller);
                }

                if (stored.Expires < time.GetUtcNow())
                {
                    throw NoPlan(hash);
                }

                var plan = JsonSerializer.Deserialize<Plan>(stored.Plan, WireJson.Options)!;
                await RecheckAsync(sql, operation, arguments, prepared, plan, caller, cancellationToken);
                var result = await CarryOutAsync(sql, operation, arguments, prepared, plan, caller, cancellationToken);
                await PlanStore.SetResultAsync(sql, stored, sealer.Seal(PlanSecret(caller, "plan-result", hash), result), cancellationToken);
                return result;
            },
            cancellationToken);
    }

    /// <summary>Plans and applies in one transaction.</summary>
    public async Task<byte[]> RunAsync(ChangeOperation operation, object arguments, Caller caller, string? idempotencyKey, CancellationToken cancellationToken)
    {
        var request = sealer.Digest(
            new SecretName(caller.Organisation, "idempotency", operation.Name),
            Encoding.UTF8.GetBytes(PlanHash.Masked(caller.Organisation, operation, arguments, sealer).ToJsonString()));
        if (idempotencyKey is not null && await database.ReadAsync(sql => FindAnswerAsync(sql, caller, idempotencyKey, request, cancellationToken), cancellationToken) is { } answer)
        {
            return answer;
        }

        var prepared = await operation.PrepareUntypedAsync(arguments, caller, cancellationToken);
        return await database.WriteAsync(
            async sql =>
            {
                if (await FindAnswerAsync(sql, caller, idempotencyKey, request, cancellationToken) is { } first)
                {
                    return first;
                }

                var now = time.GetUtcNow();
                var draft = await operation.PlanUntypedAsync(arguments, prepared, new PlanContext(caller, sql, now), cancellationToken);
                var plan = Complete(operation, arguments, draft, caller, now);
                var result = await CarryOutAsync(sql, operation, arguments, prepared, plan, caller, cancellationToken);
                if (idempotencyKey is not null)
                {
                    var kept = new FirstResult { Request = request, Result = sealer.Seal(IdempotencySecret(caller, idempotencyKey), result) };
                    await PlanStore.PutFirstAsync(sql, caller.Organisation, caller.Id, idempotencyKey, kept, now + PlanLifetime, cancellationToken);
                }

                return result;
            },
            cancellationToken);
    }

    private static SecretName PlanSecret(Caller caller, string kind, string hash) => new(caller.Organisation, kind, $"{caller.Planner} {hash}");

    private static SecretName IdempotencySecret(Caller caller, string key) => new(caller.Organisation, "idempotency", $"{caller.Id} {key}");

    private static async Task<StoredPlan> FindAsync(ReadSql sql, string hash, Caller caller, CancellationToken cancellationToken) =>
        await PlanStore.FindAsync(sql, caller.Organisation, caller.Planner, hash, cancellationToken) ?? throw NoPlan(hash);

    private ChangeOperation OperationOf(StoredPlan stored) =>
        registry.TryFind(stored.Operation, out var found) && found is ChangeOperation change ? change : throw NoPlan(stored.Hash);

    private byte[] FirstResultOf(StoredPlan stored, Caller caller) => sealer.Open(PlanSecret(caller, "plan-result", stored.Hash), stored.Result!);

    private async Task<byte[]?> FindAnswerAsync(ReadSql sql, Caller caller, string? idempotencyKey, string request, CancellationToken cancellationToken)
    {
        if (idempotencyKey is null
            || await PlanStore.FindFirstAsync(sql, caller.Organisation, caller.Id, idempotencyKey, cancellationToken) is not { } first)
        {
            return null;
        }

        return first.Request == request
            ? sealer.Open(IdempotencySecret(caller, idempotencyKey), first.Result)
            : throw new ProblemException(ProblemKind.Conflict, "idempotency.reused", $"the idempotency key '{idempotencyKey}' was used for another request");
    }

    private async Task RecheckAsync(
        WriteSql sql, ChangeOperation operation, object arguments, object? prepared, Plan plan, Caller caller, CancellationToken cancellationToken)
    {
        PlanDraft again;
        try
        {
            again = await operation.PlanUntypedAsync(arguments, prepared, new PlanContext(caller, sql, plan.CreatedAt), cancellationToken);
        }
        catch (ProblemException e) when (e.Kind is ProblemKind.Invalid or ProblemKind.NotFound or ProblemKind.Conflict)
        {
            // What was planned could not even be planned now: its object went, for example.
            metrics.Stale(operation);
            throw new StalePlanException(plan, e);
        }

        if (PlanHash.Of(caller.Organisation, operation, arguments, again, plan.Nonce, sealer) != plan.Hash)
        {
            metrics.Stale(operation);
            throw new StalePlanException(plan, again);
        }
    }

    private async Task<byte[]> CarryOutAsync(
        WriteSql sql, ChangeOperation operation, object arguments, object? prepared, Plan plan, Caller caller, CancellationToken cancellationToken)
    {
        var result = await operation.ApplyUntypedAsync(arguments, prepared, plan, new ApplyContext(caller, sql, time.GetUtcNow()), cancellationToken);
        sql.AfterCommit(() => metrics.Applied(operation));
        return JsonSerializer.SerializeToUtf8Bytes(result, operation.Result, WireJson.Options);
    }

    private Plan Complete(ChangeOperation operation, object arguments, PlanDraft draft, Caller caller, DateTimeOffset now)
    {
        var nonce = draft.Repeatable ? RandomNumberGenerator.GetHexString(32, lowercase: true) : null;
        return new Plan(
            PlanHash.Of(caller.Organisation, operation, arguments, draft, nonce, sealer),
            operation.Name,
            draft.Sentence,
            JsonSerializer.SerializeToElement(PlanHash.Masked(caller.Organisation, operation, arguments, sealer)),
            draft.Changes,
            draft.Effects,
            draft.Warnings,
            draft.Basis,
            now,
            now + PlanLifetime)
        {
            Nonce = nonce,
        };
    }
}
