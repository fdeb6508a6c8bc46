using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Muster.Core.Problems;
using Muster.Protocol.Operations;

namespace Muster.Server.Operations;

/// <summary>
/// Where a page of a list ended: the sort key and id of its last row. The next page is what comes after
/// <c>(key, id)</c>, so rows that come and go meanwhile neither repeat nor hide others.
/// </summary>
/// <param name="Key">The sort key as text; numbers are written so that they can be read back.</param>
/// <param name="Id">Breaks ties.</param>
internal sealed record Cursor(string Key, Guid Id)
{
    /// <summary>Before everything.</summary>
    public static Cursor Start { get; } = new(string.Empty, Guid.Empty);

    /// <summary>For SQL on either engine: the id as it lies in the column.</summary>
    public OrganisationId SqlId => new(Id);

    public static Cursor Parse(string? text)
    {
        if (text is null)
        {
            return Start;
        }

        try
        {
            return JsonSerializer.Deserialize<Cursor>(Base64Url.DecodeFromChars(text)) is { Key: not null } cursor ? cursor : throw new FormatException();
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw new ProblemException([new Fault("cursor", "is not one that a list gave as next")]);
        }
    }

    /// <summary>Makes a page of rows that were asked for one more than <paramref name="limit"/>.</summary>
    public static Listing<TItem> Page<TRow, TItem>(IReadOnlyList<TRow> rows, int limit, long total, Func<TRow, Cursor> at, Func<TRow, TItem> show) => new(
        [.. rows.Take(limit).Select(show)],
        rows.Count > limit ? at(rows[limit - 1]).ToString() : null,
        total);

    /// <summary>Opaque to callers.</summary>
    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { Key, Id })));
}
