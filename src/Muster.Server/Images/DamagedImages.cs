using Muster.Core.Objects;
using Muster.Server.Database;
using Muster.Server.Events;
using Muster.Server.Objects;

namespace Muster.Server.Images;

/// <summary>
/// Finds the images that have an object which was found damaged, so that a person sees which image to add again. Reads every image of
/// an organisation for that, which is why it happens here and not when somebody lists them.
/// </summary>
internal sealed class DamagedImages(SqlDatabase database, DamagedObjects objects, ImageReader reader, EventLog events, TimeProvider time, ILogger<DamagedImages> log) : Loop(time, log)
{
    // A killed server only looks once more than it had to.
    private readonly HashSet<DamagedObject> traced = [];

    protected override TimeSpan Pause => TimeSpan.FromMinutes(1);

    protected override Task Wake => objects.Marked.Next;

    protected override async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        var damaged = await database.ReadAsync(sql => OrganisationObjects.ListDamagedAsync(sql, cancellationToken), cancellationToken);
        traced.IntersectWith(damaged);
        foreach (var some in damaged.Where(one => !traced.Contains(one)).GroupBy(one => one.Organisation))
        {
            await TraceAsync(some.Key, [.. some.Select(one => one.Reference)], cancellationToken);
            traced.UnionWith(some);
        }

        return false;
    }

    private async Task TraceAsync(OrganisationId organisation, HashSet<ObjectReference> damaged, CancellationToken cancellationToken)
    {
        foreach (var image in await database.ReadAsync(sql => ImageStore.ListAllAsync(sql, organisation, cancellationToken), cancellationToken))
        {
            var among = await reader.FindAmongAsync(image.ImageDigest, damaged, cancellationToken);
            if (among.Count > 0)
            {
                await database.WriteAsync(
                    async sql =>
                    {
                        // Another server may have traced the same.
                        if (await ImageStore.AddDamagedAsync(sql, organisation, image.Id, among, cancellationToken) > 0)
                        {
                            await events.AddAsync(sql, organisation, "image.damaged", image.Id.ToString(), new { image.Name, Objects = among.Count }, cancellationToken);
                        }
                    },
                    cancellationToken);
            }
        }
    }
}
