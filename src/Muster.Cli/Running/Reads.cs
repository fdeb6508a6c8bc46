using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Muster.Cli.Showing;
using Muster.Protocol.Operations;

namespace Muster.Cli.Running;

/// <summary>Options of every list.</summary>
internal sealed class ListOptions
{
    public Option<int?> Limit { get; } = new("--limit") { Description = "Most items to show [default: all]", HelpName = "n" };

    public Option<string?> Sort { get; } = new("--sort") { Description = "Member to sort by, such as name; -name for descending", HelpName = "member" };

    public Option<string?> Search { get; } = new("--search") { Description = "Only items whose name contains this text", HelpName = "text" };

    public IReadOnlyList<Symbol> All => [Limit, Sort, Search];
}

/// <summary>How every read goes.</summary>
internal static class Reads
{
    private const int PageSize = 1000;

    public static async Task<int> ShowAsync<TArguments, T>(
        this Run run, string operation, TArguments arguments, JsonTypeInfo<TArguments> argumentsType, JsonTypeInfo<T> type, Action<T> show, CancellationToken cancellationToken)
        where TArguments : IArguments
    {
        Changes.Check(arguments);
        using var answer = await run.Client.ReadAsync(operation, arguments, argumentsType, cancellationToken);
        run.Output.Write(answer.RootElement, () => show(answer.Deserialize(type)!));
        return ExitCode.Done;
    }

    /// <summary>Reads page after page, as far as was asked for, and shows them as one list.</summary>
    public static async Task<int> ListAsync<TArguments, T>(
        this Run run, string operation, TArguments arguments, ListOptions options, JsonTypeInfo<TArguments> argumentsType, JsonTypeInfo<Listing<T>> type,
        Func<IReadOnlyList<T>, Table> table, CancellationToken cancellationToken)
        where TArguments : ListArguments
    {
        var limit = run.Value(options.Limit) ?? int.MaxValue;
        var (sort, search) = (run.Value(options.Sort), run.Value(options.Search));
        var items = new List<T>();
        var raw = new JsonArray();
        string? cursor = null;
        long total;
        do
        {
            var page = arguments with { Limit = Math.Min(PageSize, limit - items.Count), Cursor = cursor, Sort = sort, Search = search };
            Changes.Check(page);
            using var answer = await run.Client.ReadAsync(operation, page, argumentsType, cancellationToken);
            var listing = answer.Deserialize(type)!;
            items.AddRange(listing.Items);
            foreach (var item in answer.RootElement.GetProperty("items").EnumerateArray())
            {
                raw.Add(JsonNode.Parse(item.GetRawText()));
            }

            (cursor, total) = (listing.Next, listing.Total);
        }
        while (cursor is not null && items.Count < limit);
        using var whole = JsonDocument.Parse(new JsonObject { ["items"] = raw, ["total"] = total }.ToJsonString());
        run.Output.Write(whole.RootElement, () => table(items).Write(run.Output));
        if (run.Format == OutputFormat.Table && items.Count < total)
        {
            run.Around.Error.WriteLine($"{items.Count} of {total} shown; --limit shows more");
        }

        return ExitCode.Done;
    }
}
