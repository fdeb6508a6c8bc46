using Microsoft.AspNetCore.Connections.Features;

namespace Muster.Server.Edge;

/// <summary>
/// A request must name the host whose certificate its connection was opened with: over a connection to the public name nobody may ask
/// <c>mtls.muster.internal</c>, where clients show certificates. HTTP says 421 to that, and clients open another connection.
/// </summary>
internal sealed class AuthorityMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        var asked = http.Features.Get<ITlsHandshakeFeature>()?.HostName;
        if (string.IsNullOrEmpty(asked) || string.Equals(asked, http.Request.Host.Host, StringComparison.OrdinalIgnoreCase))
        {
            return string.Equals(http.Request.Host.Host, Certificates.ServerCertificates.MutualName, StringComparison.OrdinalIgnoreCase) && string.IsNullOrEmpty(asked)
                ? Misdirected(http)
                : next(http);
        }

        return Misdirected(http);
    }

    private static Task Misdirected(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        return http.Response.WriteAsync("this connection was opened for another host name\n", http.RequestAborted);
    }
}
