using Muster.Core.Problems;
using Muster.Protocol.Images;
using Muster.Protocol.Operations;
using Muster.Server.Events;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Images.DeleteImage;

namespace Muster.Server.Images;

internal sealed class DeleteImage(EventLog events, ImagesMetrics metrics) : ChangeOperation<Arguments, ImageSummary>
{
    public override string Name => "Images.Delete";

    public override string Summary => "Deletes an image that no machine requires; its name stays used.";

    public override bool Sensitive => true;

    public override async Task<PlanDraft> PlanAsync(Arguments arguments, PlanContext context, CancellationToken cancellationToken)
    {
        var image = await ImageStore.GetAsync(context.Sql, context.Organisation, arguments.Image, cancellationToken);
        var machines = await ImageStore.ListRequiringAsync(context.Sql, context.Organisation, image.Id, cancellationToken);
        if (machines.Count > 0)
        {
            var names = string.Join(", ", machines.Take(3).Select(machine => machine.Name));
            throw new ProblemException(ProblemKind.Conflict, "image.required", $"{machines.Count} machines require {image.Name} ({names}{(machines.Count > 3 ? ", …" : "")}): let them require another first");
        }

        return new PlanDraft($"Delete image {image.Name}")
        {
            Changes = [new PlanChange(PlanAction.Delete, image.ObjectName, [new PlanMember("image", image.ImageDigest.ToString(), null)])],
            Warnings = ["The name cannot be used again."],
            Basis = [new PlanBasis(image.ObjectName, "machines", "0")],
        };
    }

    public override async Task<ImageSummary> ApplyAsync(Arguments arguments, Plan plan, ApplyContext context, CancellationToken cancellationToken)
    {
        var image = await ImageStore.GetAsync(context.Sql, context.Organisation, arguments.Image, cancellationToken);
        await ImageStore.DeleteAsync(context.Sql, context.Organisation, image.Id, context.Now, cancellationToken);
        await events.AddAsync(context.Sql, context.Organisation, "image.deleted", image.Id.ToString(), new { image.Name }, cancellationToken);
        context.Sql.AfterCommit(metrics.Deleted);
        return ListImages.Show(image);
    }
}
