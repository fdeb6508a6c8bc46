using System.Formats.Tar;
using System.IO.Compression;
using Microsoft.Extensions.Options;
using Muster.Core.Problems;

namespace Muster.Server.Machines;

/// <summary>What joining machines download: an archive that holds <c>VERSION/…</c> and <c>current -> VERSION</c>. A folder with a published agent is packed when it is first asked for.</summary>
internal sealed class AgentPackage(IOptions<MachinesOptions> options, ServerOptions server) : IDisposable
{
    private readonly SemaphoreSlim packing = new(1, 1);

    public async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        var source = options.Value.AgentPackage is { Length: > 0 } given ? given : Path.Combine(AppContext.BaseDirectory, "agent", "muster-agent.tar.gz");
        if (File.Exists(source))
        {
            return source;
        }

        var program = Path.Combine(source, "muster-agent");
        if (!File.Exists(program))
        {
            throw new ProblemException(ProblemKind.Unavailable, "join.no-agent", "this server has no agent to hand out: set Machines:AgentPackage to an archive or a folder with one");
        }

        await packing.WaitAsync(cancellationToken);
        try
        {
            var packed = Path.Combine(server.DataDirectory, "agent.tar.gz");
            if (!File.Exists(packed) || File.GetLastWriteTimeUtc(packed) < File.GetLastWriteTimeUtc(program))
            {
                await PackAsync(source, packed, cancellationToken);
            }

            return packed;
        }
        finally
        {
            packing.Release();
        }
    }

    public void Dispose() => packing.Dispose();

    private static async Task PackAsync(string folder, string target, CancellationToken cancellationToken)
    {
        var version = typeof(AgentPackage).Assembly.GetName().Version!.ToString(3);
        await using (var file = new FileStream(target + ".partial", FileMode.Create, FileAccess.Write))
        await using (var gzip = new GZipStream(file, CompressionLevel.Fastest))
        await using (var tar = new TarWriter(gzip, TarEntryFormat.Gnu))
        {
            foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                await tar.WriteEntryAsync(path, $"./{version}/{Path.GetRelativePath(folder, path)}", cancellationToken);
            }

            await tar.WriteEntryAsync(new GnuTarEntry(TarEntryType.SymbolicLink, "./current") { LinkName = version }, cancellationToken);
        }

        File.Move(target + ".partial", target, overwrite: true);
    }
}
