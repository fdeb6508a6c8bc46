using Muster.Testing;

namespace Muster.Dev;

/// <summary>A program that needs no .NET of the host: native code, or with its own .NET and compiled ahead, as its project says.</summary>
internal static class Publish
{
    public static async Task ProgramAsync(string project, string folder, CancellationToken cancellationToken)
    {
        await Tool.RunAsync(Repository.Root,
        [
            "dotnet", "publish", $"src/{project}", "-c", "Release", "-r", "linux-x64", "--self-contained", "-v", "quiet", "-clp:ErrorsOnly;NoSummary",
            "-p:PublishReadyToRun=true", "-p:DebugType=none", "-p:NativeDebugSymbols=false", "-p:GenerateDocumentationFile=false", "-p:ContinuousIntegrationBuild=true", "-o", folder,
        ], cancellationToken);
        foreach (var symbols in Directory.EnumerateFiles(folder).Where(file => Path.GetExtension(file) is ".pdb" or ".dbg"))
        {
            File.Delete(symbols);
        }
    }
}
