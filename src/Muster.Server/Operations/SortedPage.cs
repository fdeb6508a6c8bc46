using System.Data;
using System.Globalization;
using Dapper;
using Muster.Core.Problems;
using Muster.Protocol.Operations;

namespace Muster.Server.Operations;

/// <summary>A column that a list can be sorted by.</summary>
/// <param name="Sql">Our own SQL, never null; rows carry it as <c>SortKey</c>.</param>
/// <param name="Number">Whether it is an integer; else text.</param>
internal readonly record struct SortColumn(string Sql, bool Number);

/// <summary>
/// One page of a sorted list as SQL: what comes after the cursor in the wanted order, by (sort key, id), so that rows that come and go
/// meanwhile neither repeat nor hide others. Names of columns are looked up in a table of ours, values are parameters.
/// </summary>
internal sealed class SortedPage
{
    private readonly ListArguments arguments;
    private readonly SortColumn column;
    private readonly bool descending;
    private readonly Cursor? after;

    public SortedPage(ListArguments arguments, IReadOnlyDictionary<string, SortColumn> columns, string usual)
    {
        this.arguments = arguments;
        var sort = arguments.Sort is { Length: > 0 } given ? given : usual;
        descending = sort.StartsWith('-');
        if (!columns.TryGetValue(sort.TrimStart('-'), out column))
        {
            throw new ProblemException([new Fault("sort", $"one of {string.Join(", ", columns.Keys)}, with - before it for descending")]);
        }

        after = arguments.Cursor is null ? null : Cursor.Parse(arguments.Cursor);
        if (after is not null && column.Number && !long.TryParse(after.Key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        {
            throw new ProblemException([new Fault("cursor", "is not one that this list gave as next")]);
        }
    }

    /// <summary>To select beside the columns of a row.</summary>
    public string Key => $"{column.Sql} AS SortKey";

    /// <summary>To put behind a WHERE clause.</summary>
    public string AfterAndOrder(string id)
    {
        var (than, order) = descending ? ("<", "DESC") : (">", "ASC");
        var beyond = after is null ? "" : $"AND ({column.Sql}, {id}) {than} (@afterKey, @afterId) ";
        return $"{beyond}ORDER BY {column.Sql} {order}, {id} {order} LIMIT @count";
    }

    /// <summary>The page's parameters beside the query's own.</summary>
    public DynamicParameters Parameters(object own)
    {
        var all = new DynamicParameters(own);
        all.Add("count", arguments.Limit + 1);
        all.Add("search", string.IsNullOrEmpty(arguments.Search) ? null : arguments.Search, DbType.String);
        if (after is not null)
        {
            all.Add("afterKey", column.Number ? long.Parse(after.Key, CultureInfo.InvariantCulture) : after.Key);
            all.Add("afterId", after.SqlId);
        }

        return all;
    }

    public Listing<TItem> Page<TRow, TItem>(IReadOnlyList<TRow> rows, long total, Func<TRow, (object? Key, Guid Id)> at, Func<TRow, TItem> show) => Cursor.Page(
        rows,
        arguments.Limit,
        total,
        row => at(row) is var (key, id) ? new Cursor(Convert.ToString(key, CultureInfo.InvariantCulture) ?? "", id) : Cursor.Start,
        show);
}
