using Muster.Core.Problems;
using Muster.Server.Certificates;
using Muster.Server.Edge;

namespace Muster.Server.Machines;

/// <summary>
/// What the join line fetches: <c>GET /join</c>, a script with this server's address and pins in it, and <c>GET /join/agent.tar.gz</c>,
/// the agent for it. Both are the same for everybody; the token that matters comes later, from the environment of the script.
/// </summary>
internal sealed class JoinApi(ServerOptions options, ServerCertificates certificates)
{
    private static readonly string Script = ReadScript();

    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.ServiceProvider.GetRequiredService<JoinApi>();
        routes.MapGet("/join", (RequestDelegate)api.SendScriptAsync).For(new Access.Everybody("a host that joins is nobody yet"));
        routes.MapGet("/join/agent.tar.gz", (RequestDelegate)api.SendAgentAsync).For(new Access.Everybody("a host that joins is nobody yet"));
    }

    /// <summary>The line to paste (decision 18). Address, pins and token hold nothing that a shell would read as anything else.</summary>
    public string Line(int port, string token) =>
        $"curl -fsSk --pinnedpubkey '{Pins()}' {Address(options.PublicNames[0], port)}/join | MUSTER_JOIN={token} sh";

    /// <summary>The public address that a join line names.</summary>
    public static string Address(string name, int port) => name.Contains(':', StringComparison.Ordinal) ? $"https://[{name}]:{port}" : $"https://{name}:{port}";

    private Task SendScriptAsync(HttpContext http)
    {
        // Not the Host header as it came: it would be written into a script that root runs.
        var asked = options.PublicNames.FirstOrDefault(name => string.Equals(name, http.Request.Host.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase));
        var address = Address(asked ?? options.PublicNames[0], http.Request.Host.Port ?? 443);
        http.Response.ContentType = "text/x-shellscript; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        return http.Response.WriteAsync(
            Script
                .Replace("@SERVER@", address, StringComparison.Ordinal)
                .Replace("@PINS@", Pins(), StringComparison.Ordinal)
                .Replace("@PIN_ARGUMENTS@", string.Join(' ', certificates.Pins.Select(pin => $"--pin 'sha256//{pin}'")), StringComparison.Ordinal),
            http.RequestAborted);
    }

    private Task SendAgentAsync(HttpContext http)
    {
        if (!File.Exists(options.AgentArchive))
        {
            throw new ProblemException(ProblemKind.NotFound, "join.no-agent", $"this server has no agent to give: {options.AgentArchive} is missing; the package muster-server brings it, --agent names another");
        }

        http.Response.ContentType = "application/gzip";
        return http.Response.SendFileAsync(options.AgentArchive, http.RequestAborted);
    }

    private string Pins() => string.Join(';', certificates.Pins.Select(pin => $"sha256//{pin}"));

    private static string ReadScript()
    {
        using var stream = typeof(JoinApi).Assembly.GetManifestResourceStream("Muster.Server.Machines.join.sh")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
