using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Protocol.Images;
using Muster.Protocol.Operations;
using Muster.Server.Compliance;
using Muster.Server.Images;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Machines.ListDifferences;

namespace Muster.Server.Machines;

internal sealed class ListDifferences(Comparison comparison) : ReadOperation<Arguments, Listing<ImageDifference>>
{
    public override string Name => "Machines.Differences";

    public override string Summary => "Lists how a machine differs now from its required image, or from another that it might require.";

    public override async Task<Listing<ImageDifference>> ReadAsync(Arguments arguments, ReadContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineStore.GetAsync(context.Sql, context.Organisation, arguments.Machine, cancellationToken);
        var other = arguments.Image is null ? null : await ImageStore.GetAsync(context.Sql, context.Organisation, arguments.Image, cancellationToken);
        var image = other?.ImageDigest ?? (machine.ImageDigest is { } required ? new Digest(required) : null);
        var inSync = machine.TreeDigest is { } same && machine.WantedTree is { } wanted && same.Bytes.SequenceEqual(wanted);
        if (image is null || (other is null && (machine.TreeDigest is null || inSync)))
        {
            return new Listing<ImageDifference>([], null, 0, arguments.Counts is null ? null : []);
        }

        return machine.TreeDigest is { } tree && await comparison.FindDifferencesAsync(image.Value, tree, cancellationToken) is { } found
            ? Images.DiffImages.Page(found.Wanted, found.Seen, found.Differences, arguments, arguments.Kind)
            : throw new ProblemException(ProblemKind.Unavailable, "machine.tree-unknown", $"{machine.Name} has not sent all of the tree that it reports; ask again in a moment");
    }
}
