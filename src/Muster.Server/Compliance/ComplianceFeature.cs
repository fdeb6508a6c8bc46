namespace Muster.Server.Compliance;

internal static class ComplianceFeature
{
    public static WebApplicationBuilder AddCompliance(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Comparison>();
        builder.Services.AddSingleton<SeenTrees>();
        builder.Services.AddSingleton<Reachability>();
        return builder;
    }
}
