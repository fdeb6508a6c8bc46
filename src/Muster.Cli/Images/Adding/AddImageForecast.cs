using System.Text.Json.Serialization;

namespace Muster.Cli.Images.Adding;

/// <summary>What <c>images add --dry-run</c> says while the server has not the content yet and therefore cannot plan.</summary>
internal sealed record AddImageForecast(string Name, long Entries, long Bytes, int FilesToSend, long BytesToSend, int DirectoriesToSend);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AddImageForecast))]
[JsonSerializable(typeof(CheckedImage))]
internal sealed partial class AddingJson : JsonSerializerContext;
