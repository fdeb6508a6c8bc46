using Muster.Server.Database;

namespace Muster.Server.Certificates;

/// <summary>Renews the certificates this server shows, under the same keys, long before they end.</summary>
internal sealed partial class ServerCertificateLoop(ServerCertificates certificates, TimeProvider time, ILogger<ServerCertificateLoop> log) : Loop(time, log)
{
    protected override TimeSpan Pause => TimeSpan.FromHours(1);

    protected override async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        if (Time.GetUtcNow() >= certificates.RenewAt)
        {
            await certificates.LoadAsync(cancellationToken);
            Renewed(certificates.RenewAt);
        }

        return false;
    }

    [LoggerMessage(LogLevel.Information, "Renewed the server's certificates; next at {Next}")]
    private partial void Renewed(DateTimeOffset next);
}
