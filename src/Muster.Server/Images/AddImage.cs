using System.Globalization;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Protocol.Images;
using Muster.Protocol.Operations;
using Muster.Server.Events;
using Muster.Server.Objects;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Images.AddImage;

namespace Muster.Server.Images;

internal sealed class AddImage(ImageReader reader, EventLog events, ImagesMetrics metrics, TimeProvider time) : ChangeOperation<Arguments, ImageSummary>
{
    public override string Name => "Images.Add";

    public override string Summary => "Names an image whose content was sent; the name is never used again.";

    public override async Task<PlanDraft> PlanAsync(Arguments arguments, PlanContext context, CancellationToken cancellationToken)
    {
        if (await ImageStore.WasUsedAsync(context.Sql, context.Organisation, arguments.Name, cancellationToken))
        {
            throw new ProblemException(ProblemKind.Conflict, "image.name-used", $"the name '{arguments.Name}' was used before, and names of images are never used twice: choose another");
        }

        var reference = new ObjectReference(ObjectKind.Image, arguments.Image);
        var had = await OrganisationObjects.FindAsync(context.Sql, context.Organisation, [reference], cancellationToken);
        if (had.Count == 0)
        {
            throw new ProblemException(ProblemKind.NotFound, "object.unknown", $"your organisation has no {reference}: send its objects first");
        }

        var image = await reader.LoadAsync(arguments.Image, cancellationToken);
        image.RequireSoundLinks();
        await RequireUndamagedAsync(arguments.Image, context, cancellationToken);
        var (entries, files, bytes) = image.Count();
        return new PlanDraft($"Add image {arguments.Name}")
        {
            Changes =
            [
                new PlanChange(PlanAction.Create, new ObjectName("image", "", arguments.Name),
                [
                    new PlanMember("image", null, arguments.Image.ToString()),
                    new PlanMember("tree", null, image.Image.Tree.ToString()),
                    new PlanMember("entries", null, entries.ToString(CultureInfo.InvariantCulture)),
                    new PlanMember("filter", null, image.Image.Filter is null ? "sparse: only what is listed" : $"{image.Image.Filter.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length} lines"),
                ]),
            ],
            Effects =
            [
                new PlanEffect("files", "Files in the image", files, null, false),
                new PlanEffect("bytes", "Their size", bytes, "bytes", false),
            ],
            Warnings = entries == 0 ? ["The image is empty: a machine that requires it would lose every file that the image's filter manages."] : [],
        };
    }

    // Objects are checked as they are sent; between then and now some may have been found damaged.
    private async Task RequireUndamagedAsync(Digest image, PlanContext context, CancellationToken cancellationToken)
    {
        if (!await OrganisationObjects.AnyDamagedAsync(context.Sql, context.Organisation, cancellationToken))
        {
            return;
        }

        var damaged = await OrganisationObjects.ListDamagedAsync(context.Sql, cancellationToken);
        var found = await reader.FindAmongAsync(image, damaged.Where(one => one.Organisation == context.Organisation).Select(one => one.Reference).ToHashSet(), cancellationToken);
        if (found.Count > 0)
        {
            throw new ProblemException(ProblemKind.Conflict, "object.incomplete", $"{found.Count} objects of the image are damaged on the server, {found.First()} is one: send them again first");
        }
    }

    public override async Task<ImageSummary> ApplyAsync(Arguments arguments, Plan plan, ApplyContext context, CancellationToken cancellationToken)
    {
        var image = await reader.LoadAsync(arguments.Image, cancellationToken);
        var (entries, files, bytes) = image.Count();
        var row = new ImageRow
        {
            Id = ImageId.New(time),
            Name = arguments.Name,
            Image = arguments.Image.Bytes.ToArray(),
            Tree = image.Image.Tree.Bytes.ToArray(),
            Managed = image.Managed().Digest.Bytes.ToArray(),
            Entries = entries,
            Files = files,
            Bytes = bytes,
            CreatedBy = context.Caller.Name,
            Created = context.Now,
        };
        await ImageStore.AddAsync(context.Sql, context.Organisation, row, cancellationToken);
        await events.AddAsync(context.Sql, context.Organisation, "image.added", row.Id.ToString(), new { row.Name }, cancellationToken);
        context.Sql.AfterCommit(metrics.Added);
        return ListImages.Show(row);
    }
}
