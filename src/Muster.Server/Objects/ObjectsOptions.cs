using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Muster.Core.Objects;

namespace Muster.Server.Objects;

internal sealed class ObjectsOptions
{
    /// <summary>Where objects are kept: <c>folder</c>, or <c>s3</c> with the section S3. <c>muster server move-objects</c> moves them from one to the other.</summary>
    [AllowedValues("folder", "s3", ErrorMessage = "is folder or s3")]
    public string Store { get; init; } = ObjectStores.FolderWord;

    /// <summary>The folder, and with <c>s3</c> that of large files while they arrive; <c>objects</c> in the data directory if this is empty.</summary>
    public string Folder { get; init; } = "";

    /// <summary>Largest file content that is taken, in bytes.</summary>
    [Range(1L << 20, 1L << 50)]
    public long MaxFileBytes { get; init; } = ObjectLimits.File;

    /// <summary>How many batches are taken in at the same time; more wait.</summary>
    [Range(1, 64)]
    public int MaxBatches { get; init; } = 4;

    /// <summary>How long an upload in parts may rest before it is dropped.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "366.00:00:00")]
    public TimeSpan PartLifetime { get; init; } = TimeSpan.FromDays(3);

    /// <summary>How many uploads in parts one organisation may have begun.</summary>
    [Range(1, 100_000)]
    public int MaxParts { get; init; } = 1000;

    /// <summary>Memory for decoded directories, in entries.</summary>
    [Range(10_000, 100_000_000)]
    public int CachedEntries { get; init; } = 500_000;
}

[OptionsValidator]
internal sealed partial class ObjectsOptionsValidator : IValidateOptions<ObjectsOptions>;
