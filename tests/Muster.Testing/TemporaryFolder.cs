namespace Muster.Testing;

/// <summary>A folder of a test's own, removed with all that the test left in it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Path = Directory.CreateTempSubdirectory("muster-test-").FullName;

    public string Path { get; }

    public string Under(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    // rm, since a nasty tree has names and depths that System.IO cannot remove.
    public void Dispose() => Command.RunQuietly("rm", "-rf", "--one-file-system", "--", Path);

    public override string ToString() => Path;
}
