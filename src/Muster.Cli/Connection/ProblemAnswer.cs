using System.Text.Json;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Edge;

namespace Muster.Cli.Connection;

/// <summary>Turns a refusal of the server into the exception that an edge of this program shows.</summary>
internal static class ProblemAnswer
{
    public static async Task<ProblemException> ReadAsync(HttpResponseMessage response, Uri server, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (response.Content.Headers.ContentType?.MediaType != Problem.MediaType)
        {
            return new ProblemException(status >= 500 ? ProblemKind.Unavailable : ProblemKind.Invalid, "server.not-muster",
                $"{ServerAddress.Show(server)} answered {status} {response.ReasonPhrase} to {response.RequestMessage?.RequestUri?.AbsolutePath}; is a Muster server of this version behind this address?");
        }

        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            var problem = await JsonSerializer.DeserializeAsync(body, MusterJson.Default.Problem, cancellationToken);
            return problem is not null ? From(problem) : Unreadable(status, server, null);
        }
        catch (JsonException e)
        {
            return Unreadable(status, server, e);
        }
    }

    public static ProblemException From(Problem problem)
    {
        if (problem.Faults is { Count: > 0 } faults)
        {
            return new ProblemException(faults);
        }

        var text = problem.Detail;
        foreach (var moved in problem.Moved ?? [])
        {
            text += $"\n  {moved.What}: was {moved.Planned ?? "nothing"}, is now {moved.Now ?? "nothing"}";
        }

        var kind = Enum.TryParse<ProblemKind>(problem.Kind, ignoreCase: true, out var known) ? known : ProblemKind.Bug;
        if (kind == ProblemKind.Bug)
        {
            text += $" (number {problem.Correlation} in the server's log)";
        }

        return new ProblemException(kind, problem.Code, text) { RetryAfter = problem.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null };
    }

    private static ProblemException Unreadable(int status, Uri server, Exception? cause) =>
        new(ProblemKind.Unavailable, "server.not-json", $"{ServerAddress.Show(server)} answered {status} with a body that cannot be read", cause);
}
