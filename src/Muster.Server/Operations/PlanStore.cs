using Muster.Server.Database;

namespace Muster.Server.Operations;

internal static class PlanStore
{
    /// <summary>
    /// Keeps a plan. The same plan made again is a new one, which can be applied once more if the world still allows it: then it changes
    /// nothing that the first did not, or it would have a nonce and be another.
    /// </summary>
    public static Task PutAsync(WriteSql sql, StoredPlan plan, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            """
            INSERT INTO plans (organisation, caller, hash, operation, created, expires, "plan", arguments)
            VALUES (@Organisation, @Caller, @Hash, @Operation, @Created, @Expires, @Plan, @Arguments)
            ON CONFLICT (organisation, caller, hash) DO UPDATE SET
                created = excluded.created, expires = excluded.expires, "plan" = excluded."plan", arguments = excluded.arguments, result = NULL
            """,
            plan,
            cancellationToken);

    public static Task<StoredPlan?> FindAsync(ReadSql sql, OrganisationId organisation, string caller, string hash, CancellationToken cancellationToken) =>
        sql.FindAsync<StoredPlan>(
            """
            SELECT organisation AS Organisation, caller AS Caller, hash AS Hash, operation AS Operation, created AS Created, expires AS Expires,
                "plan" AS Plan, arguments AS Arguments, result AS Result
            FROM plans WHERE organisation = @organisation AND caller = @caller AND hash = @hash
            """,
            new { organisation, caller, hash },
            cancellationToken);

    /// <summary>Keeps the answer, for whoever asks again. The sealed arguments are needed no longer, so they go.</summary>
    public static Task SetResultAsync(WriteSql sql, StoredPlan plan, byte[] result, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            "UPDATE plans SET result = @result, arguments = @none WHERE organisation = @Organisation AND caller = @Caller AND hash = @Hash",
            new { plan.Organisation, plan.Caller, plan.Hash, result, none = Array.Empty<byte>() },
            cancellationToken);

    public static async Task ForgetExpiredAsync(WriteSql sql, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await sql.ExecuteAsync("DELETE FROM plans WHERE expires < @now", new { now }, cancellationToken);
        await sql.ExecuteAsync("DELETE FROM idempotency_keys WHERE expires < @now", new { now }, cancellationToken);
    }

    public static Task<FirstResult?> FindFirstAsync(ReadSql sql, OrganisationId organisation, string caller, string key, CancellationToken cancellationToken) =>
        sql.FindAsync<FirstResult>(
            "SELECT request AS Request, result AS Result FROM idempotency_keys WHERE organisation = @organisation AND caller = @caller AND idempotency_key = @key",
            new { organisation, caller, key },
            cancellationToken);

    public static Task PutFirstAsync(WriteSql sql, OrganisationId organisation, string caller, string key, FirstResult first, DateTimeOffset expires, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            """
            INSERT INTO idempotency_keys (organisation, caller, idempotency_key, request, result, expires)
            VALUES (@organisation, @caller, @key, @Request, @Result, @expires)
            """,
            new { organisation, caller, key, first.Request, first.Result, expires },
            cancellationToken);
}

internal sealed record StoredPlan
{
    public required OrganisationId Organisation { get; init; }

    /// <summary><see cref="Identity.Caller.Planner"/>.</summary>
    public required string Caller { get; init; }

    public required string Hash { get; init; }

    public required string Operation { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset Expires { get; init; }

    public required string Plan { get; init; }

    /// <summary>Sealed; empty once the plan is applied.</summary>
    public required byte[] Arguments { get; init; }

    /// <summary>Sealed; null until the plan is applied.</summary>
    public byte[]? Result { get; init; }
}

/// <summary>What was asked first under an idempotency key (a digest), and the sealed answer.</summary>
internal sealed record FirstResult
{
    public required string Request { get; init; }

    public required byte[] Result { get; init; }
}
