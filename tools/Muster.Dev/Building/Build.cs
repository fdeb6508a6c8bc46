using Muster.Testing;

namespace Muster.Dev;

/// <summary>The .NET part of a build.</summary>
internal static class Build
{
    public static async Task SolutionAsync(CancellationToken cancellationToken)
    {
        await Tool.RunAsync(Repository.Root, ["dotnet", "restore", "Muster.slnx", "--locked-mode", "-v", "quiet"], cancellationToken);
        await Tool.RunAsync(Repository.Root, ["dotnet", "build", "Muster.slnx", "--no-restore", "-v", "quiet", "-clp:ErrorsOnly;NoSummary"], cancellationToken);
    }

    public static async Task ProjectAsync(string project, CancellationToken cancellationToken) =>
        await Tool.RunAsync(Repository.Root, ["dotnet", "build", project, "-v", "quiet", "-clp:ErrorsOnly;NoSummary"], cancellationToken);

    /// <summary>The program that a project builds.</summary>
    public static string Program(string project, string? name = null) =>
        Repository.Under("artifacts", "bin", project, "debug", name ?? project);
}
