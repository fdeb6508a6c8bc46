using System.Net.Http.Json;
using System.Text.Json;

namespace Muster.Dev;

/// <summary>A server's API, for what is asked so often or so quickly that starting the command line each time would be in the way.</summary>
internal sealed class Api(HttpClient client) : IDisposable
{
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize<JsonElement>(await client.GetByteArrayAsync(new Uri(path, UriKind.Relative), cancellationToken));

    /// <summary>All things of a list, page by page.</summary>
    public async Task<IReadOnlyList<JsonElement>> ListAsync(string path, CancellationToken cancellationToken)
    {
        var items = new List<JsonElement>();
        var first = path + (path.Contains('?', StringComparison.Ordinal) ? '&' : '?') + "limit=200";
        for (var next = first; next is not null;)
        {
            var page = await GetAsync(next, cancellationToken);
            items.AddRange(page.GetProperty("items").EnumerateArray());
            next = page.TryGetProperty("next", out var after) && after.GetString() is { } cursor ? $"{first}&cursor={Uri.EscapeDataString(cursor)}" : null;
        }

        return items;
    }

    public async Task PostAsync(string path, object arguments, CancellationToken cancellationToken)
    {
        using var answer = await client.PostAsJsonAsync(path, arguments, cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            throw new DevException($"{path}: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
        }
    }

    public void Dispose() => client.Dispose();
}
