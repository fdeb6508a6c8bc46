using Muster.Server.Database;

namespace Muster.Server.Objects.S3;

/// <summary>Which packs go: those that nothing names, and that are so old that no batch can be about to name them.</summary>
internal static class S3Sweep
{
    public static readonly TimeSpan Age = TimeSpan.FromDays(1);

    /// <param name="listed">What is in the bucket; may be a part of it.</param>
    /// <param name="named">Names of packs that rows name, looked up after the list was made.</param>
    /// <param name="now">By a clock that is minutes from the store's at most; the store refuses us otherwise.</param>
    public static IReadOnlyList<string> Plan(IEnumerable<StoredPack> listed, IReadOnlySet<string> named, DateTimeOffset now) =>
        [.. Old(listed, now).Where(pack => !named.Contains(NameOf(pack))).Select(pack => pack.Key)];

    public static IEnumerable<StoredPack> Old(IEnumerable<StoredPack> listed, DateTimeOffset now) => listed.Where(pack => now - pack.Modified > Age);

    public static string NameOf(StoredPack pack) => pack.Key[S3ObjectStore.Packs.Length..];
}

/// <summary>Removes what killed servers left in the bucket. One server at a time does.</summary>
internal sealed partial class S3SweepLoop(IObjectStore store, SqlDatabase database, Leases leases, TimeProvider time, ILogger<S3SweepLoop> log) : Loop(time, log)
{
    private const int AtOnce = 1000;
    private const string Lease = "objects-sweep";
    private static readonly TimeSpan Held = TimeSpan.FromHours(2);

    protected override TimeSpan Pause => TimeSpan.FromHours(1);

    protected override async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        if (store is S3ObjectStore ours && await database.WriteAsync(sql => leases.TryHoldAsync(sql, Lease, Held, cancellationToken), cancellationToken))
        {
            await SweepAsync(ours.Bucket, cancellationToken);
        }

        return false;
    }

    /// <summary>One sweep; how many packs went.</summary>
    public async Task<int> SweepAsync(S3Bucket bucket, CancellationToken cancellationToken)
    {
        var now = Time.GetUtcNow();
        await database.WriteAsync(sql => ObjectPlaces.ForgetAsync(sql, now - S3Sweep.Age, cancellationToken), cancellationToken);
        var removed = 0;
        var old = new List<StoredPack>();
        await foreach (var pack in bucket.ListAsync(S3ObjectStore.Packs, cancellationToken))
        {
            old.AddRange(S3Sweep.Old([pack], now));
            if (old.Count == AtOnce)
            {
                removed += await RemoveAsync(bucket, old, now, cancellationToken);
                old.Clear();
            }
        }

        removed += await RemoveAsync(bucket, old, now, cancellationToken);
        var begun = await bucket.AbortUploadsAsync("", now - S3Sweep.Age, cancellationToken);
        if (removed + begun > 0)
        {
            Swept(removed, begun, bucket.Where);
        }

        return removed;
    }

    private async Task<int> RemoveAsync(S3Bucket bucket, List<StoredPack> old, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Asked after the list was made: a pack gets its rows once, soon after it was written, or never.
        var named = await database.ReadAsync(sql => ObjectPlaces.NamedAsync(sql, old.Select(S3Sweep.NameOf), cancellationToken), cancellationToken);
        var going = S3Sweep.Plan(old, named, now);
        await bucket.DeleteAsync(going, cancellationToken);
        return going.Count;
    }

    [LoggerMessage(LogLevel.Information, "Removed {Packs} packs that nothing names and {Uploads} unfinished uploads from {Where}")]
    private partial void Swept(int packs, int uploads, string where);
}
