using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Protocol.Objects;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Objects.CheckObjects;

namespace Muster.Server.Objects;

internal sealed class CheckObjects : ReadOperation<Arguments, LackedObjects>
{
    public override string Name => "Objects.Check";

    public override string Summary => "Answers which objects your organisation lacks, so that only these are sent.";

    // Thousands of references do not fit in a query.
    public override string Method => HttpMethods.Post;

    public override async Task<LackedObjects> ReadAsync(Arguments arguments, ReadContext context, CancellationToken cancellationToken)
    {
        var faults = new Faults();
        var references = new List<ObjectReference>(arguments.Objects.Count);
        foreach (var text in arguments.Objects)
        {
            var good = ObjectReference.TryParse(text, out var reference);
            faults.Require(good, "objects", $"'{text}' is not a reference such as file:9f86d081…");
            references.Add(reference);
        }

        faults.ThrowIfAny();
        var had = await OrganisationObjects.FindAsync(context.Sql, context.Organisation, references.Distinct(), cancellationToken);
        var doubtful = await OrganisationObjects.AnyDamagedAsync(context.Sql, context.Organisation, cancellationToken);
        return new LackedObjects([.. references.Where(Lacks).Select(reference => reference.ToString())]);

        bool Lacks(ObjectReference reference) => reference.Kind == ObjectKind.File
            ? reference.Digest != Digest.Empty && !had.ContainsKey(reference)
            : doubtful || !had.ContainsKey(reference);
    }
}
