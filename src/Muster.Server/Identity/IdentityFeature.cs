using Muster.Server.Operations;

namespace Muster.Server.Identity;

internal static class IdentityFeature
{
    public static WebApplicationBuilder AddIdentity(this WebApplicationBuilder builder)
    {
        builder.AddSettings<IdentityOptions, IdentityOptionsValidator>("Identity");
        builder.Services.AddSingleton(_ => new Passwords());
        builder.Services.AddSingleton<LoginThrottle>();
        builder.Services.AddSingleton<PasswordCheck>();
        builder.Services.AddSingleton<Callers>();
        builder.Services.AddSingleton<IdentityMetrics>();
        builder.Services.AddHostedService<SessionHousekeeping>();
        builder.Services.AddSingleton<LoginApi>();
        builder.Services.AddOperation<ChangePassword>();
        builder.Services.AddOperation<AddToken>();
        builder.Services.AddOperation<ListTokens>();
        builder.Services.AddOperation<DeleteToken>();
        return builder;
    }

    public static void MapIdentity(this IEndpointRouteBuilder routes) => LoginApi.Map(routes);
}
