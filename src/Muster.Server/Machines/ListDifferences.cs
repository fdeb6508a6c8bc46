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

    public override string Summary => "Lists how a machine differs from its required image now.";

    public override async Task<Listing<ImageDifference>> ReadAsync(Arguments arguments, ReadContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineStore.GetAsync(context.Sql, context.Organisation, arguments.Machine, cancellationToken);
        if (machine.ImageDigest is not { } image || machine.TreeDigest is not { } tree || (machine.WantedTree is { } wanted && tree.Bytes.SequenceEqual(wanted)))
        {
            return new Listing<ImageDifference>([], null, 0);
        }

        return await comparison.FindDifferencesAsync(new(image), tree, cancellationToken) is { } found
            ? Images.DiffImages.Page(found.Wanted, found.Seen, found.Differences, arguments)
            : throw new ProblemException(ProblemKind.Unavailable, "machine.tree-unknown", $"{machine.Name} has not sent all of the tree that it reports; ask again in a moment");
    }
}
