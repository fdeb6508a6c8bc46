using System.Text;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Protocol.Operations;

namespace Muster.Protocol.Images;

/// <summary>Rules of image names.</summary>
public static class ImageName
{
    /// <summary>An image name is a path: parts of letters, digits, <c>. _ + -</c>, joined by <c>/</c>, at most 253 bytes, never reused.</summary>
    public static bool IsValid(string? name) =>
        name is { Length: > 0 } && Encoding.UTF8.GetByteCount(name) <= 253
        && name.Split('/').All(part => part.Length > 0 && part is not ("." or "..") && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '+' or '-'));

    /// <summary>Adds a fault unless <paramref name="name"/> is an image name.</summary>
    public static void Check(Faults faults, string argument, string? name) =>
        faults.Require(IsValid(name), argument, "a name such as base/debian-12/2026-11-21: letters, digits and . _ + - in parts joined by /, at most 253 bytes");
}

/// <summary>Images.Add: names an image object whose content the caller's organisation already has.</summary>
/// <param name="Name">The new image's name; was never used before.</param>
/// <param name="Image">Digest of the image object (kind image).</param>
public sealed record AddImage(string Name, Digest Image) : IArguments
{
    /// <inheritdoc/>
    public void Validate(Faults faults)
    {
        ImageName.Check(faults, "name", Name);
        faults.Require(!ImageId.TryParse(Name, out _), "name", "a name that does not look like an image's id");
        faults.Require(!Image.IsNone, "image", "the digest of an image object");
    }
}

/// <summary>Images.Verify: reads every object of an image and compares it with its digest, as a task.</summary>
public sealed record VerifyImage(string Image) : IArguments
{
    /// <inheritdoc/>
    public void Validate(Faults faults) => ImageName.Check(faults, "image", Image);
}

/// <summary>Images.Delete: the name is gone for ever; machines that need it refuse the deletion.</summary>
public sealed record DeleteImage(string Image) : IArguments
{
    /// <inheritdoc/>
    public void Validate(Faults faults) => ImageName.Check(faults, "image", Image);
}

/// <summary>Images.List.</summary>
public sealed record ListImages : CountedListArguments
{
    /// <summary>Only images made by one of these (names, comma-separated).</summary>
    public string? CreatedBy { get; init; }

    /// <summary>Only images that some machine requires (<c>yes</c>), or that none does (<c>no</c>).</summary>
    public string? Required { get; init; }
}

/// <summary>Images.Show.</summary>
public sealed record ShowImage(string Image) : IArguments
{
    /// <inheritdoc/>
    public void Validate(Faults faults) => ImageName.Check(faults, "image", Image);
}

/// <summary>Images.Browse: the entries of one directory of an image.</summary>
public sealed record BrowseImage(string Image) : CountedListArguments
{
    /// <summary>Only entries of these kinds (comma-separated): directory, file, symlink, computedFile, blockDevice, characterDevice, fifo, socket.</summary>
    public string? Kind { get; init; }

    /// <summary>Which directory: escaped or plain path; base64 form as <c>base64:…</c>. Default the root.</summary>
    public string Path { get; init; } = "/";

    /// <inheritdoc/>
    public override void Validate(Faults faults)
    {
        base.Validate(faults);
        ImageName.Check(faults, "image", Image);
    }
}

/// <summary>Images.Diff: what is different between two images.</summary>
public sealed record DiffImages(string From, string To) : CountedListArguments
{
    /// <summary>Only these (comma-separated): added, removed, changed.</summary>
    public string? Kind { get; init; }

    /// <inheritdoc/>
    public override void Validate(Faults faults)
    {
        base.Validate(faults);
        ImageName.Check(faults, "from", From);
        ImageName.Check(faults, "to", To);
        DifferenceKinds.Check(faults, "kind", Kind);
    }
}

/// <summary>Images.File: the bytes of one file, streamed; answers application/octet-stream.</summary>
public sealed record ImageFile(string Image, string Path) : IArguments
{
    /// <inheritdoc/>
    public void Validate(Faults faults)
    {
        ImageName.Check(faults, "image", Image);
        faults.Require(!string.IsNullOrEmpty(Path), "path", "the path of a file in the image");
    }
}

/// <summary>An image in a list.</summary>
/// <param name="Entries">Names in the tree, the root not counted.</param>
/// <param name="Bytes">Sum of the file sizes, uncompressed, each inode once.</param>
/// <param name="Machines">How many machines require it.</param>
/// <param name="Damaged">How many of its objects are damaged on the server; adding an image of the same tree heals them.</param>
public sealed record ImageSummary(ImageId Id, string Name, Digest Image, Digest Tree, long Entries, long Files, long Bytes, int Machines, string CreatedBy, DateTimeOffset CreatedAt, int Damaged);

/// <summary>An image with everything about it.</summary>
public sealed record ImageDetails(ImageSummary Summary, string? Filter, string Triggers, IReadOnlyList<KeyValuePair<string, string>> Metadata, IReadOnlyList<ObjectName> RequiredBy);

/// <summary>One entry of a directory or one side of a difference. <see cref="Path"/> is exact; <see cref="Name"/> is escaped for people.</summary>
/// <param name="Nanoseconds">The part of <see cref="Modified"/> below a second, exactly.</param>
public sealed record ImageEntry(
    TreePath Path, string Name, string Kind, string Mode, uint Uid, uint Gid,
    DateTimeOffset? Modified, long? Size, Digest? Content, string? Target, string? Device, IReadOnlyList<ImageXattr> Xattrs, int HardLinks, int? Nanoseconds = null);

/// <summary>An extended attribute with its value shown: decoded where known (capabilities, ACLs), else text or hexadecimal.</summary>
public sealed record ImageXattr(string Name, string Value);

/// <summary>One difference between two trees.</summary>
/// <param name="Kind"><c>added</c>, <c>removed</c> or <c>changed</c>, from the first image to the second.</param>
/// <param name="Facets">What of it: content, mode, owner, time, target, device, xattrs, kind, hardLink.</param>
public sealed record ImageDifference(TreePath Path, string Shown, string Kind, IReadOnlyList<string> Facets, ImageEntry? From, ImageEntry? To);

/// <summary>What can have become of a path between two trees.</summary>
public static class DifferenceKinds
{
    private static readonly string[] All = ["added", "removed", "changed"];

    /// <summary>Adds a fault unless <paramref name="kinds"/> are kinds of difference, separated by commas.</summary>
    public static void Check(Faults faults, string argument, string? kinds) =>
        faults.Require((kinds ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).All(All.Contains), argument, "some of " + string.Join(", ", All));
}
