using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Amazon.S3;
using Muster.Server.Objects.S3;

namespace Muster.Testing;

/// <summary>A real S3 service with nothing in it; it ends with this process.</summary>
public sealed class S3Server : IAsyncDisposable
{
    public static readonly S3Key Muster = new("AMUSTERMUSTERMUSTERM", "secret-of-muster-0123456789abcdefghijklm");

    /// <summary>Another user, who may do nothing with what is <see cref="Muster"/>'s.</summary>
    public static readonly S3Key Stranger = new("ASTRANGERSTRANGERSTR", "secret-of-a-stranger-0123456789abcdefghi");

    /// <summary>One who may keep 1 MiB.</summary>
    public static readonly S3Key Small = new("ASMALLSMALLSMALLSMAL", "secret-of-a-small-one-0123456789abcdefgh");

    private readonly LeashedProcess process;
    private readonly TemporaryFolder folder;

    private S3Server(LeashedProcess process, TemporaryFolder folder, int port, int tlsPort)
    {
        this.process = process;
        this.folder = folder;
        Port = port;
        TlsPort = tlsPort;
    }

    public int Port { get; }

    public int TlsPort { get; }

    public string AuthorityFile => folder.Under("authority.pem");

    /// <exception cref="CommandException">Ceph is missing, or does not start.</exception>
    public static async Task<S3Server> StartAsync(CancellationToken cancellationToken)
    {
        foreach (var program in new[] { "radosgw", "ceph-mon", "ceph-osd", "ceph" })
        {
            if (Peer.Find(program) is null)
            {
                throw new CommandException($"{program} is missing: install the packages radosgw, ceph-mon, ceph-osd and ceph-common");
            }
        }

        var folder = new TemporaryFolder();
        var ports = FreePorts(3);
        var script = Path.Combine(AppContext.BaseDirectory, "Servers", "s3.sh");
        var server = new S3Server(LeashedProcess.Start(["bash", script, folder.Path, .. ports.Select(port => port.ToString(CultureInfo.InvariantCulture))]), folder, ports[0], ports[1]);
        try
        {
            await server.UntilReadyAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>An empty bucket of its own, and what a server is told to use it.</summary>
    /// <param name="credentials">Where to write the file with the key.</param>
    internal async Task<S3Options> MakeBucketAsync(string credentials, S3Key? owner = null)
    {
        var options = OptionsFor($"b{Guid.NewGuid():N}", credentials, owner ?? Muster);
        using var client = Open(options);
        await client.PutBucketAsync(options.Bucket);
        return options;
    }

    /// <param name="port">Where to ask for it; 0 for the service itself.</param>
    internal S3Options OptionsFor(string bucket, string credentials, S3Key key, int port = 0)
    {
        key.Write(credentials);
        return new S3Options { Endpoint = $"http://localhost:{(port == 0 ? Port : port)}", Bucket = bucket, Region = "default", CredentialsFile = credentials };
    }

    /// <summary>For tests that look into the bucket themselves, and change it.</summary>
    internal static AmazonS3Client Open(S3Options options) => S3Connection.Open(options);

    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync();
        folder.Dispose();
    }

    private async Task UntilReadyAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri($"http://localhost:{Port}/"), cancellationToken);
                return;
            }
            catch (HttpRequestException)
            {
                if (process.HasEnded)
                {
                    throw new CommandException($"the S3 service does not run:\n{process.Said}");
                }
            }

            await again.WaitForNextTickAsync(cancellationToken);
        }
    }

    private static List<int> FreePorts(int count)
    {
        var sockets = Enumerable.Range(0, count).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        sockets.ForEach(socket => socket.Bind(new IPEndPoint(IPAddress.Loopback, 0)));
        var ports = sockets.ConvertAll(socket => ((IPEndPoint)socket.LocalEndPoint!).Port);
        sockets.ForEach(socket => socket.Dispose());
        return ports;
    }
}

/// <summary>A user of an S3 service.</summary>
public sealed record S3Key(string Access, string Secret)
{
    /// <summary>Only its owner may read it.</summary>
    public void Write(string file) => ConnectionFiles.Write(file, $"[default]\naws_access_key_id = {Access}\naws_secret_access_key = {Secret}");
}
