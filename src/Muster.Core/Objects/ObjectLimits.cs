namespace Muster.Core.Objects;

/// <summary>How long objects may be (docs/formats/object.md).</summary>
public static class ObjectLimits
{
    /// <summary>Directory, tree and image objects: whoever receives one reads it into memory as a whole.</summary>
    public const int Structure = 64 << 20;

    /// <summary>A file that travels in a batch; larger ones go in parts.</summary>
    public const int FileInBatch = 8 << 20;

    /// <summary>Any file. A hole makes a file of any length in an instant, and hashing its zeros would keep a processor busy for days.</summary>
    public const long File = 1L << 40;
}
