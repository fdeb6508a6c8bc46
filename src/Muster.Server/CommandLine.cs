using Muster.Core.Problems;
using Muster.Server.Objects;

namespace Muster.Server;

/// <summary>What was typed: <c>muster-server run|init|status|migrate-database|move-objects|version [--data DIR] [--listen ADDRESS:PORT] [--public-name NAME]… [--web DIR] [--json-log]</c>.</summary>
internal sealed record CommandLine(string Verb, ServerOptions Options)
{
    /// <summary>The database that <c>migrate-database</c> fills; the store that <c>move-objects</c> fills.</summary>
    public string? To { get; init; }

    public const string Usage =
        """
        usage: muster-server run|init|status|migrate-database|move-objects|version [options]

          run               serve; makes the installation first if the data directory is empty
          init              make the installation: keys, database, certificate authority, administrator
          status            say whether the server on this host answers
          migrate-database  copy everything from the present database, which no server may use, to the empty one named by --to
          move-objects      copy all objects from the present store to the one named by --to; no server may run
          version           say which version this is

          --data DIR             where everything is kept (default /var/lib/muster)
          --database-file FILE   holds the connection string of a PostgreSQL database (default: SQLite in the data directory)
          --to FILE              for migrate-database: holds the connection string of a PostgreSQL database, or is the SQLite database to make (FILE.db)
          --to folder|s3         for move-objects: the settings Objects and S3 say which folder and which bucket
          --listen ADDRESS:PORT  where to listen (default 0.0.0.0:8443)
          --public-name NAME     name or address under which it is reached; may be repeated (default localhost)
          --web DIR              folder of the web UI's files
          --json-log             log as JSON lines

        """;

    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var faults = new Faults();
        var options = new ServerOptions();
        var names = new List<string>();
        string? to = null;
        var verb = arguments is [var first, ..] ? first : string.Empty;
        faults.Require(verb is "run" or "init" or "status" or "migrate-database" or "move-objects" or "version" or "help" or "--help", "command", $"'{verb}' is not run, init, status, migrate-database or move-objects");
        for (var index = 1; index < arguments.Count; index++)
        {
            var flag = arguments[index];
            if (flag == "--json-log")
            {
                options = options with { JsonLog = true };
                continue;
            }

            var value = index + 1 < arguments.Count ? arguments[++index] : null;
            faults.Require(value is not null, flag, "needs a value");
            switch (flag)
            {
                case "--data":
                    options = options with { DataDirectory = Path.GetFullPath(value ?? ".") };
                    break;
                case "--database-file":
                    options = options with { DatabaseConnectionFile = Path.GetFullPath(value ?? ".") };
                    break;
                case "--to":
                    to = value ?? string.Empty;
                    break;
                case "--listen":
                    options = options with { Listen = value ?? string.Empty };
                    break;
                case "--public-name":
                    names.Add(value ?? string.Empty);
                    break;
                case "--web":
                    options = options with { WebDirectory = Path.GetFullPath(value ?? ".") };
                    break;
                default:
                    faults.Add(flag, "is not an option");
                    break;
            }
        }

        options = names.Count > 0 ? options with { PublicNames = names } : options;
        faults.Require(verb is "migrate-database" or "move-objects" == to is not null, "--to", "goes with migrate-database and move-objects, which need it");
        faults.Require(verb != "move-objects" || to is null or ObjectStores.FolderWord or ObjectStores.S3Word, "--to", $"'{to}' is neither folder nor s3");
        options.Validate(faults);
        faults.ThrowIfAny();
        return new CommandLine(verb, options) { To = verb == "migrate-database" ? Path.GetFullPath(to!) : to };
    }
}
