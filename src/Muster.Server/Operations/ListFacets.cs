using Dapper;
using Muster.Core.Problems;
using Muster.Protocol.Operations;
using Muster.Server.Database;

namespace Muster.Server.Operations;

/// <summary>
/// The facets of a list as SQL. Each narrows the list to chosen values, and is counted as if it alone stood open, so that a page can say
/// how many rows every value would leave. Expressions are ours, values are parameters.
/// </summary>
/// <param name="from">The list's FROM clause.</param>
/// <param name="where">Its WHERE clause, before any facet.</param>
internal sealed class ListFacets(string from, string where, DynamicParameters parameters)
{
    // More values than anyone reads; the most frequent come first.
    private const int MostValues = 100;
    private readonly List<Facet> all = [];

    public string From => from;

    public string Where => where + string.Concat(all.Select(facet => facet.Condition));

    /// <summary>The values of a facet as they are typed: separated by commas.</summary>
    public static string[] Split(string? values) => (values ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>A facet that is one expression per row.</summary>
    public ListFacets Add(string name, string sql, IReadOnlyCollection<string> chosen)
    {
        if (chosen.Count > 0)
        {
            parameters.Add("chosen_" + name, chosen);
        }

        return Add(name, from, sql, chosen.Count == 0 ? "" : $" AND {sql} IN @chosen_{name}");
    }

    /// <summary>A facet that is counted in other rows than those of the list, such as labels.</summary>
    public ListFacets Add(string name, string countedFrom, string sql, string condition)
    {
        all.Add(new Facet(name, countedFrom, sql, condition));
        return this;
    }

    /// <param name="asked">Names of facets, separated by commas; null counts none.</param>
    public async Task<IReadOnlyList<FacetCount>?> CountAsync(ReadSql sql, string? asked, CancellationToken cancellationToken)
    {
        if (asked is null)
        {
            return null;
        }

        var counts = new List<FacetCount>();
        foreach (var name in Split(asked).Distinct())
        {
            var facet = all.Find(one => one.Name == name) ?? throw Unknown(all.Select(one => one.Name));
            var others = where + string.Concat(all.Where(one => one != facet).Select(one => one.Condition));
            var rows = await sql.QueryAsync<ValueCount>(
                $"SELECT {facet.Sql} AS Value, count(*) AS Count {facet.From} {others} GROUP BY {facet.Sql} ORDER BY count(*) DESC, {facet.Sql} LIMIT {MostValues}", parameters, cancellationToken);
            counts.AddRange(rows.Select(row => new FacetCount(name, row.Value, row.Count)));
        }

        return counts;
    }

    /// <summary>The same for a list that lies in memory.</summary>
    /// <param name="asked">Names of facets, separated by commas; null counts none.</param>
    /// <param name="name">The only facet there is.</param>
    /// <param name="values">Its value for each item that the other filters leave.</param>
    public static IReadOnlyList<FacetCount>? Count(string? asked, string name, IEnumerable<string> values) => asked switch
    {
        null => null,
        _ when Split(asked).All(one => one == name) =>
            [.. values.CountBy(value => value).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new FacetCount(name, pair.Key, pair.Value))],
        _ => throw Unknown([name]),
    };

    private static ProblemException Unknown(IEnumerable<string> known) => new([new Fault("counts", "some of " + string.Join(", ", known))]);

    private sealed record Facet(string Name, string From, string Sql, string Condition);

    private sealed record ValueCount
    {
        public required string Value { get; init; }

        public required long Count { get; init; }
    }
}
