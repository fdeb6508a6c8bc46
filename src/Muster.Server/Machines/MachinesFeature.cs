using Muster.Server.Operations;

namespace Muster.Server.Machines;

internal static class MachinesFeature
{
    public static WebApplicationBuilder AddMachines(this WebApplicationBuilder builder)
    {
        builder.AddSettings<MachinesOptions, MachinesOptionsValidator>("Machines");
        builder.Services.AddSingleton<MachineSessions>();
        builder.Services.AddSingleton<MachinesMetrics>();
        builder.Services.AddSingleton<MachineLinks>();
        builder.Services.AddHostedService(services => services.GetRequiredService<MachineLinks>());
        builder.Services.AddSingleton<CountChecks>();
        builder.Services.AddHostedService(services => services.GetRequiredService<CountChecks>());
        builder.Services.AddHostedService<ForgettingLoop>();
        builder.Services.AddSingleton<ReportIntake>();
        builder.Services.AddSingleton<SessionStream>();
        builder.Services.AddSingleton<AgentObjects>();
        builder.Services.AddSingleton<AgentApi>();
        builder.Services.AddSingleton<AgentPackage>();
        builder.Services.AddSingleton<PublicAddress>();
        builder.Services.AddSingleton<JoinApi>();
        builder.Services.AddOperation<InviteMachine>();
        builder.Services.AddOperation<RequireImage>();
        builder.Services.AddOperation<EditMachine>();
        builder.Services.AddOperation<DeleteMachine>();
        builder.Services.AddOperation<ListMachines>();
        builder.Services.AddOperation<ShowMachine>();
        builder.Services.AddOperation<ListDrift>();
        builder.Services.AddOperation<ListDifferences>();
        builder.Services.AddOperation<ListConditions>();
        return builder;
    }

    public static void MapMachines(this IEndpointRouteBuilder routes)
    {
        JoinApi.Map(routes);
        AgentApi.Map(routes);
    }
}
