using Muster.Testing;

namespace Muster.Dev;

/// <summary>A program with its own .NET, compiled ahead where that is possible.</summary>
internal static class Publish
{
    public static Task ProgramAsync(string project, string folder, bool trimmed, CancellationToken cancellationToken)
    {
        List<string> command =
        [
            "dotnet", "publish", $"src/{project}", "-c", "Release", "-r", "linux-x64", "--self-contained", "-v", "quiet", "-clp:ErrorsOnly;NoSummary",
            "-p:PublishReadyToRun=true", "-p:DebugType=none", "-p:GenerateDocumentationFile=false", "-p:ContinuousIntegrationBuild=true", "-o", folder,
        ];
        if (trimmed)
        {
            command.Add("-p:PublishTrimmed=true");
        }

        return Tool.RunAsync(Repository.Root, command, cancellationToken);
    }
}
