using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace Muster.Server.Objects.S3;

/// <summary>How we talk to an S3 service: signed with version 4, repeated with growing random pauses, believed by its own authorities.</summary>
internal static class S3Connection
{
    private const int Repeats = 4;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    // For one attempt, up to the answer's headers; a pack of some MiB passes in that over a slow line.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(100);

    public static AmazonS3Client Open(S3Options options)
    {
        // It would guess another time and go on; a wrong clock breaks more than this, so it is said.
        AWSConfigs.CorrectForClockSkew = false;
        var keys = S3Credentials.Read(options.CredentialsFile);
        AWSCredentials credentials = keys.SessionToken is { } token ? new SessionAWSCredentials(keys.AccessKey, keys.SecretKey, token) : new BasicAWSCredentials(keys.AccessKey, keys.SecretKey);
        return new AmazonS3Client(credentials, new AmazonS3Config
        {
            ServiceURL = options.Endpoint,
            AuthenticationRegion = options.Region,
            ForcePathStyle = options.PathStyle,
            IgnoreConfiguredEndpointUrls = true,
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = Repeats,
            Timeout = Timeout,

            // Newer checksums are not known to every store; the signature has the body's SHA-256 in it, which every store checks.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            HttpClientFactory = new Clients(options),
        });
    }

    private sealed class Clients(S3Options options) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig)
        {
            var handler = new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                UseCookies = false,
                ConnectTimeout = ConnectTimeout,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = PolicyOf(options.AuthorityFile) },
            };
            return new HttpClient(handler) { Timeout = Timeout };
        }

        private static X509ChainPolicy? PolicyOf(string authorityFile)
        {
            if (authorityFile == "")
            {
                return null;
            }

            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(authorityFile);
            return policy;
        }
    }
}
