using Muster.Server.Edge;
using Muster.Server.Objects.S3;
using Muster.Server.Operations;

namespace Muster.Server.Objects;

internal static class ObjectsFeature
{
    public static WebApplicationBuilder AddObjects(this WebApplicationBuilder builder)
    {
        builder.AddSettings<ObjectsOptions, ObjectsOptionsValidator>("Objects");
        builder.AddSettings<S3Options, S3OptionsValidator>("S3");
        builder.Services.AddSingleton<ObjectStores>();
        builder.Services.AddSingleton(services => services.GetRequiredService<ObjectStores>().OpenConfigured());
        builder.Services.AddSingleton(services => new ReadinessCheck(cancellation => services.GetRequiredService<IObjectStore>().RequireWritableAsync(cancellation)));
        builder.Services.AddSingleton<ObjectStorePlace>();
        builder.Services.AddHostedService<ObjectStoreStart>();
        builder.Services.AddHostedService<S3SweepLoop>();
        builder.Services.AddSingleton<ObjectsMetrics>();
        builder.Services.AddSingleton<DamagedObjects>();
        builder.Services.AddHostedService(services => services.GetRequiredService<DamagedObjects>());
        builder.Services.AddSingleton<VerifiedObjects>();
        builder.Services.AddSingleton<ObjectIntake>();
        builder.Services.AddSingleton<PartUploads>();
        builder.Services.AddHostedService<PartUploadsLoop>();
        builder.Services.AddSingleton<Trees>();
        builder.Services.AddOperation<CheckObjects>();
        builder.Services.AddOperation<AddObjects>();
        builder.Services.AddOperation<AddPart>();
        builder.Services.AddOperation<GetObject>();
        return builder;
    }
}
