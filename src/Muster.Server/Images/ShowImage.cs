using Muster.Protocol.Images;
using Muster.Protocol.Operations;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Images.ShowImage;

namespace Muster.Server.Images;

internal sealed class ShowImage(ImageReader reader) : ReadOperation<Arguments, ImageDetails>
{
    public override string Name => "Images.Show";

    public override string Summary => "Shows an image with its filter, where it came from, and who requires it.";

    public override async Task<ImageDetails> ReadAsync(Arguments arguments, ReadContext context, CancellationToken cancellationToken)
    {
        var row = await ImageStore.GetAsync(context.Sql, context.Organisation, arguments.Image, cancellationToken);
        var image = await reader.ReadAsync(row.ImageDigest, cancellationToken);
        var machines = await ImageStore.ListRequiringAsync(context.Sql, context.Organisation, row.Id, cancellationToken);
        return new ImageDetails(
            ListImages.Show(row),
            image.Filter,
            image.Triggers,
            image.Metadata,
            [.. machines.Select(machine => new ObjectName("machine", machine.Id.ToString(), machine.Name))]);
    }
}
