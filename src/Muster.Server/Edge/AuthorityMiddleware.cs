using Microsoft.AspNetCore.Connections.Features;
using Muster.Core.Problems;

namespace Muster.Server.Edge;

/// <summary>
/// A request must name the host whose certificate its connection was opened with: over a connection to the public name nobody may ask
/// <c>mtls.muster.internal</c>, where clients show certificates. HTTP says 421 to that, and clients open another connection.
/// </summary>
internal sealed class AuthorityMiddleware(RequestDelegate next)
{
    public const string MisdirectedCode = "request.misdirected";

    public Task InvokeAsync(HttpContext http)
    {
        var opened = http.Features.Get<ITlsHandshakeFeature>()?.HostName;
        var asked = http.Request.Host.Host;
        var good = string.IsNullOrEmpty(opened)
            ? !string.Equals(asked, Certificates.ServerCertificates.MutualName, StringComparison.OrdinalIgnoreCase)
            : string.Equals(asked, opened, StringComparison.OrdinalIgnoreCase);
        return good ? next(http) : throw new ProblemException(ProblemKind.Invalid, MisdirectedCode, "this connection was opened for another host name: open one for the name you ask");
    }
}
