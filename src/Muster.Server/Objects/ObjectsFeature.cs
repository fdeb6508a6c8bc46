using Microsoft.Extensions.Options;
using Muster.Core.Problems;
using Muster.Files;
using Muster.Server.Edge;
using Muster.Server.Operations;

namespace Muster.Server.Objects;

internal static class ObjectsFeature
{
    public static WebApplicationBuilder AddObjects(this WebApplicationBuilder builder, ServerOptions options)
    {
        builder.AddSettings<ObjectsOptions, ObjectsOptionsValidator>("Objects");
        builder.Services.AddSingleton<IObjectStore>(services => Open(FolderOf(services, options)));
        builder.Services.AddSingleton(services => new ReadinessCheck(cancellation => ObjectsReadiness.RequireAsync(services.GetRequiredService<IObjectStore>(), cancellation)));
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

    public static string FolderOf(IServiceProvider services, ServerOptions options) =>
        services.GetRequiredService<IOptions<ObjectsOptions>>().Value.Folder is { Length: > 0 } folder ? folder : Path.Combine(options.DataDirectory, "objects");

    // Opening makes folders, and at a first start there may be no room even for these.
    private static FolderObjectStore Open(string folder)
    {
        try
        {
            return new FolderObjectStore(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var kind = (e.HResult & 0xFFFF) is Errno.ENOSPC or Errno.EDQUOT ? ProblemKind.Full : ProblemKind.Unavailable;
            throw new ProblemException(kind, "objects.unusable", $"cannot keep objects in {folder}: {e.Message}", e);
        }
    }
}
