using Muster.Server.Operations;

namespace Muster.Server.Tasks;

internal static class TasksFeature
{
    public static WebApplicationBuilder AddTasks(this WebApplicationBuilder builder)
    {
        builder.AddSettings<TasksOptions, TasksOptionsValidator>("Tasks");
        builder.Services.AddSingleton<TasksMetrics>();
        builder.Services.AddSingleton<TasksSignal>();
        builder.Services.AddSingleton<TaskStarter>();
        builder.Services.AddSingleton<TaskClaims>();
        builder.Services.AddSingleton<TaskWriter>();
        builder.Services.AddSingleton<TaskRunner>();
        builder.Services.AddHostedService<TasksLoop>();
        builder.Services.AddOperation<ListTasks>();
        builder.Services.AddOperation<ShowTask>();
        builder.Services.AddOperation<LogTask>();
        builder.Services.AddOperation<CancelTask>();
        builder.Services.AddOperation<RetryTask>();
        return builder;
    }

    /// <summary>A kind of task, also as itself for whoever begins one.</summary>
    public static IServiceCollection AddTask<TDefinition>(this IServiceCollection services)
        where TDefinition : TaskDefinition
    {
        services.AddSingleton<TDefinition>();
        return services.AddSingleton<TaskDefinition>(provider => provider.GetRequiredService<TDefinition>());
    }
}
