using Muster.Testing;

namespace Muster.PeerTests.Packaging;

/// <summary>Debian's tools on a machine, with packages of this host.</summary>
internal static class Apt
{
    /// <summary>What an operator types, dependencies included.</summary>
    public static async Task InstallAsync(TestMachine machine, IReadOnlyList<string> packages, CancellationToken cancellationToken)
    {
        var here = await CopyAsync(machine, packages, cancellationToken);
        await machine.RunAsync(["apt-get", "-qq", "update"], cancellationToken);
        await machine.RunAsync(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "install", "--no-install-recommends", "-y", .. here], cancellationToken);
    }

    /// <summary>Only these.</summary>
    public static async Task UnpackAsync(TestMachine machine, IReadOnlyList<string> packages, CancellationToken cancellationToken) =>
        await machine.RunAsync(["dpkg", "--install", .. await CopyAsync(machine, packages, cancellationToken)], cancellationToken);

    private static async Task<IReadOnlyList<string>> CopyAsync(TestMachine machine, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        await Command.RunAsync("cp", ["--", .. files, machine.PathOf("/tmp/")], cancellationToken);
        return [.. files.Select(file => "/tmp/" + Path.GetFileName(file))];
    }
}
