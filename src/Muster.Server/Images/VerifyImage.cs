using Muster.Protocol.Operations;
using Muster.Protocol.Tasks;
using Muster.Server.Operations;
using Muster.Server.Tasks;
using Arguments = Muster.Protocol.Images.VerifyImage;

namespace Muster.Server.Images;

internal sealed class VerifyImage(ImageVerification verification, TaskStarter tasks) : ChangeOperation<Arguments, TaskSummary>
{
    public override string Name => "Images.Verify";

    public override string Summary => "Reads every object of an image and compares it with its digest, as a task.";

    public override async Task<PlanDraft> PlanAsync(Arguments arguments, PlanContext context, CancellationToken cancellationToken)
    {
        var image = await ImageStore.GetAsync(context.Sql, context.Organisation, arguments.Image, cancellationToken);
        return new PlanDraft($"Verify image {image.Name}")
        {
            Repeatable = true,
            Effects = [new PlanEffect("bytes", "To read", image.Bytes, "bytes", true)],
            Basis = [new PlanBasis(image.ObjectName, "image", image.ImageDigest.ToString())],
        };
    }

    public override async Task<TaskSummary> ApplyAsync(Arguments arguments, Plan plan, ApplyContext context, CancellationToken cancellationToken)
    {
        var image = await ImageStore.GetAsync(context.Sql, context.Organisation, arguments.Image, cancellationToken);
        return await tasks.StartAsync(context, verification, new VerificationArguments(image.Id, image.Name, image.ImageDigest), $"Verify image {image.Name}", image.ObjectName, cancellationToken);
    }
}
