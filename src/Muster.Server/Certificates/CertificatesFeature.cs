namespace Muster.Server.Certificates;

internal static class CertificatesFeature
{
    public static WebApplicationBuilder AddCertificates(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ServerCertificates>();
        builder.Services.AddSingleton<AgentCertificates>();
        builder.Services.AddSingleton<CertificateJudge>();
        builder.Services.AddHostedService<ServerCertificateLoop>();
        return builder;
    }
}
