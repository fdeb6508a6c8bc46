using System.Net;
using Muster.Core.Problems;

namespace Muster.Server;

/// <summary>What the server is told when it starts: by the flags of its command line.</summary>
internal sealed record ServerOptions
{
    /// <summary>Where everything is kept: database, objects, keys.</summary>
    public string DataDirectory { get; init; } = "/var/lib/muster";

    /// <summary>Address and port to listen on; port 0 takes a free one.</summary>
    public string Listen { get; init; } = "0.0.0.0:8443";

    /// <summary>Names and addresses under which people and joining machines reach the server; the first is shown in join lines.</summary>
    public IReadOnlyList<string> PublicNames { get; init; } = ["localhost"];

    /// <summary>Folder of the web UI's built files; none when empty.</summary>
    public string WebDirectory { get; init; } = Path.Combine(AppContext.BaseDirectory, "web");

    /// <summary>JSON lines instead of text in the log.</summary>
    public bool JsonLog { get; init; }

    /// <summary>A file with the connection string of a PostgreSQL database; SQLite in the data directory where there is none.</summary>
    public string? DatabaseConnectionFile { get; init; }

    public string DatabaseFile => Path.Combine(DataDirectory, "muster.db");

    public IPEndPoint EndPoint => IPEndPoint.Parse(Listen);

    public void Validate(Faults faults)
    {
        faults.Require(Path.IsPathFullyQualified(DataDirectory), "data", "is a full path");
        faults.Require(IPEndPoint.TryParse(Listen, out var end) && (Listen.Contains(']', StringComparison.Ordinal) || Listen.Contains(':', StringComparison.Ordinal)) && end.Port >= 0, "listen", $"'{Listen}' is not ADDRESS:PORT such as 0.0.0.0:8443");
        faults.Require(PublicNames.Count > 0, "public-name", "is missing");
        foreach (var name in PublicNames)
        {
            faults.Require(Uri.CheckHostName(name) != UriHostNameType.Unknown, "public-name", $"'{name}' is neither a host name nor an address");
        }
    }
}
