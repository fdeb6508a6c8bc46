using Muster.Protocol.Images;
using Muster.Protocol.Operations;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Images.ListImages;

namespace Muster.Server.Images;

internal sealed class ListImages : ReadOperation<Arguments, Listing<ImageSummary>>
{
    private static readonly Dictionary<string, SortColumn> Columns = new()
    {
        ["name"] = new("i.name", false),
        ["createdAt"] = new("i.created", true),
        ["entries"] = new("i.entries", true),
        ["files"] = new("i.files", true),
        ["bytes"] = new("i.bytes", true),
        ["createdBy"] = new("i.created_by", false),
        ["machines"] = new("(SELECT count(*) FROM machines m WHERE m.organisation = i.organisation AND m.required_image = i.id)", true),
    };

    public override string Name => "Images.List";

    public override string Summary => "Lists images.";

    public override async Task<Listing<ImageSummary>> ReadAsync(Arguments arguments, ReadContext context, CancellationToken cancellationToken)
    {
        var page = new SortedPage(arguments, Columns, "name");
        var (rows, total, counts) = await ImageStore.ListAsync(context.Sql, context.Organisation, arguments, page, cancellationToken);
        return page.Page(rows, total, row => (row.SortKey, row.Id.Value), Show) with { Counts = counts };
    }

    public static ImageSummary Show(ImageRow row) =>
        new(row.Id, row.Name, row.ImageDigest, row.TreeDigest, row.Entries, row.Files, row.Bytes, (int)row.Machines, row.CreatedBy, row.Created, (int)row.Damaged);
}
