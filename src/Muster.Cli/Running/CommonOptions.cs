using System.CommandLine;

namespace Muster.Cli.Running;

/// <summary>Options that mean the same on every verb.</summary>
internal sealed class CommonOptions
{
    public Option<string?> Server { get; } = new("--server")
    {
        Description = "Address of the server, such as https://muster.example:8443 [env: MUSTER_SERVER; default: the last login]",
        HelpName = "url",
        Recursive = true,
    };

    public Option<string?> TokenFile { get; } = new("--token-file")
    {
        Description = "File that holds an API token [env: MUSTER_TOKEN holds the token itself; default: the last login]",
        HelpName = "file",
        Recursive = true,
    };

    public Option<string?> AuthorityFile { get; } = new("--authority-file")
    {
        Description = "File with the certificate (PEM) of Muster's own authority at the server [env: MUSTER_AUTHORITY_FILE; default: as pinned at login]",
        HelpName = "file",
        Recursive = true,
    };

    public Option<OutputFormat> Output { get; } = new("--output", "-o")
    {
        Description = "How the answer is written: table, json, yaml or name",
        HelpName = "format",
        Recursive = true,
        CustomParser = result => Parse(result),
        CompletionSources = { "table", "json", "yaml", "name" },
    };

    public Option<bool> NoColor { get; } = new("--no-color") { Description = "No colours [env: NO_COLOR]", Recursive = true };

    /// <summary>On changes only.</summary>
    public Option<bool> DryRun { get; } = new("--dry-run") { Description = "Show what would change, and change nothing" };

    /// <summary>On changes only.</summary>
    public Option<bool> Yes { get; } = new("--yes", "-y") { Description = "Apply without asking" };

    private static OutputFormat Parse(System.CommandLine.Parsing.ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : string.Empty;
        switch (text)
        {
            case "table": return OutputFormat.Table;
            case "json": return OutputFormat.Json;
            case "yaml": return OutputFormat.Yaml;
            case "name": return OutputFormat.Name;
            default:
                result.AddError($"--output is table, json, yaml or name, not '{text}'");
                return OutputFormat.Table;
        }
    }
}

/// <summary>How an answer is written.</summary>
internal enum OutputFormat
{
    Table,
    Json,
    Yaml,
    Name,
}
