using Muster.Server.Operations;
using Muster.Server.Tasks;

namespace Muster.Server.Images;

internal static class ImagesFeature
{
    public static WebApplicationBuilder AddImages(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ImagesMetrics>();
        builder.Services.AddSingleton<ImageReader>();
        builder.Services.AddHostedService<DamagedImages>();
        builder.Services.AddOperation<AddImage>();
        builder.Services.AddOperation<ListImages>();
        builder.Services.AddOperation<ShowImage>();
        builder.Services.AddOperation<BrowseImage>();
        builder.Services.AddOperation<DiffImages>();
        builder.Services.AddOperation<GetImageFile>();
        builder.Services.AddOperation<DeleteImage>();
        builder.Services.AddOperation<VerifyImage>();
        builder.Services.AddTask<ImageVerification>();
        return builder;
    }
}
