using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Muster.Core.Problems;
using Muster.Server.Certificates;
using Muster.Server.Identity;

namespace Muster.Server.Edge;

/// <summary>
/// Judges every request by its route's <see cref="Access"/>, before anything of the route runs. Changes from a browser session
/// must come from our own page: the session cookie is SameSite=Strict, the request carries the session's <c>X-Muster-Csrf</c>,
/// and an <c>Origin</c> must be ours.
/// </summary>
internal sealed class AccessMiddleware(RequestDelegate next)
{
    public const string CsrfHeader = "X-Muster-Csrf";

    public async Task InvokeAsync(HttpContext http, Callers callers)
    {
        // Routing's own answers (405, 415) are no routes of ours.
        if (http.GetEndpoint() is not RouteEndpoint endpoint)
        {
            await next(http);
            return;
        }

        switch (endpoint.Metadata.GetMetadata<Access>())
        {
            case Access.Everybody:
                break;
            case Access.SignedIn:
                await RequireCallerAsync(http, callers);
                break;
            case Access.ByOperation { Operation: var operation }:
                var caller = await RequireCallerAsync(http, callers);
                caller.Require(operation.Name, operation.Sensitive, operation.AllowedWhilePasswordMustChange);
                break;
            case Access.Agents agents:
                http.Features.Set(await RequireMachineAsync(http, agents.Expired));
                break;
            default:
                throw new InvalidOperationException($"the route {endpoint.DisplayName} does not say who may use it");
        }

        await next(http);
    }

    private static async Task<Caller> RequireCallerAsync(HttpContext http, Callers callers)
    {
        var caller = await callers.FindAsync(http.Request, markUsed: true, http.RequestAborted)
            ?? throw new ProblemException(ProblemKind.Unauthenticated, "login.required", "sign in first");
        if (caller.Csrf is not null && !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            RequireOwnPage(http.Request, caller.Csrf);
        }

        http.Features.Set(caller);
        return caller;
    }

    private static async Task<Caller> RequireMachineAsync(HttpContext http, bool expired)
    {
        if (http.Features.Get<ITlsHandshakeFeature>()?.HostName != ServerCertificates.MutualName)
        {
            throw new ProblemException(ProblemKind.Unauthenticated, "cert.missing", $"machines ask at {ServerCertificates.MutualName}, where they show their certificate");
        }

        var certificate = await http.Connection.GetClientCertificateAsync(http.RequestAborted)
            ?? throw new ProblemException(ProblemKind.Unauthenticated, "cert.missing", "only machines with a certificate of this installation may ask this");
        return await http.RequestServices.GetRequiredService<CertificateJudge>().JudgeAsync(certificate, expired, http.RequestAborted);
    }

    private static void RequireOwnPage(HttpRequest request, string csrf)
    {
        RequireOwnOrigin(request);
        var given = request.Headers[CsrfHeader].ToString();
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(csrf)))
        {
            throw new ProblemException(ProblemKind.Denied, "csrf.missing", $"a change from a browser session carries the header {CsrfHeader} with the csrf of GET /api/v1/me");
        }
    }

    public static void RequireOwnOrigin(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && !string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProblemException(ProblemKind.Denied, "csrf.origin", $"a page of {origin} may not change anything here");
        }
    }
}

internal static class CallerExtensions
{
    /// <summary>Who asks; present behind every <see cref="Access"/> but <see cref="Access.Everybody"/>.</summary>
    public static Caller GetCaller(this HttpContext http) =>
        http.Features.Get<Caller>() ?? throw new InvalidOperationException("this route has no caller");
}
