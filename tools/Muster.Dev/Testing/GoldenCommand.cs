namespace Muster.Dev;

/// <summary>
/// <c>./dev golden</c>: runs the tests with <c>MUSTER_GOLDEN=overwrite</c>, so that whatever matches a golden file writes
/// it instead. The diff is the review.
/// </summary>
internal static class GoldenCommand
{
    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        Environment.SetEnvironmentVariable("MUSTER_GOLDEN", "overwrite");
        var code = await TestCommand.RunAsync(arguments, cancellationToken);
        await Tool.TryAsync(Muster.Testing.Repository.Root, ["git", "status", "--short", "--", "*.golden.*", "docs/reference", "docs/images"], cancellationToken);
        return code;
    }
}
