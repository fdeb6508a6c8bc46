using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Muster.Core.Problems;
using Muster.Protocol.Edge;
using Muster.Server.Operations;

namespace Muster.Server.Edge;

/// <summary>
/// The edge at which failures become answers (problem+json) and log lines. Each request has a correlation id: the caller's own
/// <c>X-Correlation-Id</c> where it sent a sane one, so that a failure is found on both sides.
/// </summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, RefusalLog refusals, ILogger<ProblemMiddleware> log)
{
    public const string CorrelationHeader = "X-Correlation-Id";

    public async Task InvokeAsync(HttpContext http)
    {
        var given = http.Request.Headers[CorrelationHeader].ToString();
        http.TraceIdentifier = Sane().IsMatch(given) ? given : ActivityTraceId.CreateRandom().ToHexString();
        http.Response.Headers[CorrelationHeader] = http.TraceIdentifier;
        using var scope = log.BeginScope("{Correlation}", http.TraceIdentifier);
        try
        {
            await next(http);
            if (http.Response is { HasStarted: false, StatusCode: 404 or 405, ContentLength: null, ContentType: null })
            {
                await WriteAsync(http, http.Response.StatusCode == 404
                    ? new ProblemException(ProblemKind.NotFound, "route.unknown", $"there is nothing at {http.Request.Path}")
                    : new ProblemException(ProblemKind.Invalid, ProblemTable.WrongMethodCode, $"{http.Request.Path} does not answer {http.Request.Method}"));
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller went away: nobody is left to answer.
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await WriteAsync(http, e);
        }
    }

    public async Task WriteAsync(HttpContext http, Exception failure)
    {
        var problem = Explain(http, failure);
        Log(http, problem, failure);
        var allowed = http.Response.Headers.Allow;
        http.Response.Clear();
        http.Response.Headers[CorrelationHeader] = http.TraceIdentifier;
        SecurityHeaders.Add(http);
        http.Response.StatusCode = problem.Status;
        http.Response.Headers.Allow = problem.Status == StatusCodes.Status405MethodNotAllowed ? allowed : default;
        http.Response.Headers.CacheControl = "no-store";
        if (problem.RetryAfter is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (HttpMethods.IsHead(http.Request.Method))
        {
            return;
        }

        await http.Response.WriteAsJsonAsync(problem, WireJson.Options, Problem.MediaType, http.RequestAborted);
    }

    private static Problem Explain(HttpContext http, Exception failure)
    {
        var (kind, code, detail) = failure switch
        {
            ProblemException known => (known.Kind, known.Code, known.Message),
            StalePlanException stale => (ProblemKind.Conflict, "plan.stale", stale.Message),
            BadHttpRequestException { StatusCode: 413 } => (ProblemKind.TooLarge, "body.too-large", "the request's body is larger than this takes"),
            BadHttpRequestException bad => (ProblemKind.Invalid, "request.malformed", bad.Message),
            IOException { HResult: 28 } => (ProblemKind.Full, "disk.full", "no room left on the server's disk; nothing was changed"),
            _ => (ProblemKind.Bug, "bug", $"something here is broken; the server's log says what, under {http.TraceIdentifier}"),
        };
        var status = ProblemTable.Status(kind, code);
        var wait = (failure as ProblemException)?.RetryAfter;
        return new Problem("about:blank", ProblemTable.Title(status), status, detail, JsonNamingPolicy.CamelCase.ConvertName(kind.ToString()), code, http.TraceIdentifier)
        {
            Faults = failure is ProblemException { Faults.Count: > 0 } invalid ? invalid.Faults : null,
            Moved = (failure as StalePlanException)?.Moved,
            RetryAfter = wait is null ? null : Math.Max(1, (int)Math.Ceiling(wait.Value.TotalSeconds)),
        };
    }

    private void Log(HttpContext http, Problem problem, Exception failure)
    {
        switch (problem.Status)
        {
            case 500:
                Broken(failure, problem.Correlation);
                break;
            case 503 or 507:
                refusals.Waits(problem.Code, problem.Detail);
                break;
            case 401 or 403:
                refusals.Refused(http, problem.Code);
                break;
            default:
                Wrong(problem.Code, problem.Detail);
                break;
        }
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{8,64}$")]
    private static partial Regex Sane();

    [LoggerMessage(LogLevel.Error, "A request failed because of a bug ({Correlation})")]
    private partial void Broken(Exception failure, string correlation);

    [LoggerMessage(LogLevel.Debug, "Asked wrongly: {Code}: {Detail}")]
    private partial void Wrong(string code, string detail);
}
