namespace Muster.Server.Machines;

/// <summary>What a host needs before it is a machine.</summary>
internal static class JoiningFeature
{
    public static WebApplicationBuilder AddJoining(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<JoinApi>();
        return builder;
    }

    public static void MapJoining(this IEndpointRouteBuilder routes) => JoinApi.Map(routes);
}
