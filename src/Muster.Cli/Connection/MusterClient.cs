using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Muster.Cli.Running;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Edge;

namespace Muster.Cli.Connection;

/// <summary>Speaks with one server: operations in, JSON out, failures as <see cref="ProblemException"/>.</summary>
internal sealed class MusterClient(Uri server, HttpClient http, ServerTrust? trust) : IDisposable
{
    private const string UnreachableCode = "server.unreachable";
    private const string SilentCode = "server.silent";
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(100);

    public Uri Server => server;

    public static MusterClient Open(Uri server, ServerTrust trust, string? token)
    {
        var http = ServerConnection.Open(server, (_, certificate, chain, errors) => trust.Judge(certificate, chain, errors));
        if (token is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return new MusterClient(server, http, trust);
    }

    /// <summary>Sends this header with every later request.</summary>
    public void AddHeader(string name, string value) => http.DefaultRequestHeaders.TryAddWithoutValidation(name, value);

    /// <summary>A read operation, its arguments in the query.</summary>
    public Task<JsonDocument> ReadAsync<T>(string operation, T arguments, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        GetAsync(OperationPath.Of(operation) + Query(JsonSerializer.SerializeToElement(arguments, type)), cancellationToken);

    public Task<JsonDocument> GetAsync(string path, CancellationToken cancellationToken) =>
        AnswerAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);

    public Task<JsonDocument> PostAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        AnswerAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = Json(body, type) }, cancellationToken);

    /// <summary>A change without a plan. It carries a key of its own, so that asking once more where the answer was lost does it once.</summary>
    public Task<JsonDocument> ChangeAsync<T>(string operation, T arguments, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var key = Guid.NewGuid().ToString("N");
        return OnceMoreAsync(
            () => new HttpRequestMessage(HttpMethod.Post, OperationPath.Of(operation)) { Content = Json(arguments, type), Headers = { { "Idempotency-Key", key } } },
            cancellationToken);
    }

    /// <summary>Applies a plan, which the server does once however often it is asked.</summary>
    public Task<JsonDocument> ApplyAsync(Digest plan, CancellationToken cancellationToken) =>
        OnceMoreAsync(() => new HttpRequestMessage(HttpMethod.Post, $"/api/v1/plans/{plan}/apply"), cancellationToken);

    public async Task<JsonDocument> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerTimeout);
        try
        {
            using var response = await SendAsync(request, limit.Token);
            await using var body = await response.Content.ReadAsStreamAsync(limit.Token);
            return await ParseAsync(body, response, limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProblemException(ProblemKind.Unavailable, SilentCode,
                $"{ServerAddress.Show(server)} did not answer {request.RequestUri} within {AnswerTimeout.TotalSeconds:0} seconds; try again", e);
        }
    }

    /// <summary>Sends, and gives the answer once its head is there; a refusal is an exception.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw Explain(e);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await ProblemAnswer.ReadAsync(response, server, cancellationToken);
        }
    }

    public void Dispose()
    {
        http.Dispose();
        trust?.Dispose();
    }

    private async Task<JsonDocument> OnceMoreAsync(Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        try
        {
            return await AnswerAsync(make(), cancellationToken);
        }
        catch (ProblemException e) when (e.Code is UnreachableCode or SilentCode)
        {
            return await AnswerAsync(make(), cancellationToken);
        }
    }

    private static StringContent Json<T>(T body, JsonTypeInfo<T> type) =>
        new(JsonSerializer.Serialize(body, type), Encoding.UTF8, "application/json");

    private static string Query(JsonElement arguments)
    {
        var query = new StringBuilder();
        foreach (var member in arguments.EnumerateObject())
        {
            var values = member.Value.ValueKind == JsonValueKind.Array ? member.Value.EnumerateArray().ToArray() : [member.Value];
            foreach (var value in values)
            {
                query.Append(query.Length == 0 ? '?' : '&').Append(member.Name).Append('=').Append(Uri.EscapeDataString(value.ToString()));
            }
        }

        return query.ToString();
    }

    private async Task<JsonDocument> ParseAsync(Stream body, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        }
        catch (JsonException e)
        {
            throw new ProblemException(ProblemKind.Unavailable, "server.not-json",
                $"{ServerAddress.Show(server)} answered {(int)response.StatusCode} without JSON; is a Muster server behind this address?", e);
        }
    }

    private ProblemException Explain(HttpRequestException e)
    {
        for (Exception? inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is ProblemException problem)
            {
                return problem;
            }
        }

        if (trust?.Refusal is { } refusal)
        {
            return new ProblemException(ProblemKind.Denied, "server.foreign",
                $"{ServerAddress.Show(server)} is not the server you signed in to: {refusal}. If it was set up anew, run: muster logout && muster login {ServerAddress.Show(server)}", e);
        }

        return new ProblemException(ProblemKind.Unavailable, e.InnerException is AuthenticationException ? "server.tls" : UnreachableCode,
            $"the connection to {ServerAddress.Show(server)} failed: {(e.InnerException ?? e).Message}", e);
    }
}
