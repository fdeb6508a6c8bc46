using Muster.Server.Edge;

namespace Muster.Server.Certificates;

/// <summary>
/// <c>GET /authority.pem</c>: the certificate of this installation's own authority. A command line that meets the server for the first
/// time pins it, once a person has compared its fingerprint; it is public, and worth nothing before that.
/// </summary>
internal static class AuthorityApi
{
    public const string Path = "/authority.pem";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var certificates = routes.ServiceProvider.GetRequiredService<ServerCertificates>();
        routes.MapGet(Path, (RequestDelegate)(http =>
        {
            http.Response.ContentType = "application/pem-certificate-chain";
            return http.Response.WriteAsync(certificates.Authority.Root.ExportCertificatePem() + "\n", http.RequestAborted);
        })).For(new Access.Everybody("the authority's certificate is public"));
    }
}
