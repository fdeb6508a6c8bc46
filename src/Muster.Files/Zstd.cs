using System.Buffers;
using System.Runtime.InteropServices;
using Muster.Core.Problems;

namespace Muster.Files;

/// <summary>
/// Zstandard through the system's libzstd (or the one in the agent's folder). Contexts are kept per thread: making one costs more than
/// compressing a small file.
/// </summary>
public static partial class Zstd
{
    private const string Library = "libzstd.so.1";

    [ThreadStatic]
    private static Context? compressing;

    [ThreadStatic]
    private static Context? decompressing;

    /// <summary>The largest that <paramref name="length"/> bytes can become.</summary>
    public static int MostCompressed(int length) => checked((int)ZSTD_compressBound((nuint)length));

    /// <summary>Compresses into <paramref name="target"/>; the length, or null where it does not fit.</summary>
    public static unsafe int? TryCompress(ReadOnlySpan<byte> content, Span<byte> target, int level = 1)
    {
        compressing ??= new Context(ZSTD_createCCtx(), compressor: true);
        fixed (byte* from = content)
        fixed (byte* to = target)
        {
            var length = ZSTD_compressCCtx(compressing.Handle, to, (nuint)target.Length, from, (nuint)content.Length, level);
            return ZSTD_isError(length) == 0 ? (int)length : null;
        }
    }

    /// <summary>Uncompresses all frames of <paramref name="compressed"/>; the length of the content.</summary>
    /// <exception cref="ProblemException">Invalid, <c>zstd.invalid</c>: damaged, or longer than <paramref name="target"/>.</exception>
    public static unsafe int Decompress(ReadOnlySpan<byte> compressed, Span<byte> target)
    {
        decompressing ??= new Context(ZSTD_createDCtx(), compressor: false);
        fixed (byte* from = compressed)
        fixed (byte* to = target)
        {
            return (int)Check(ZSTD_decompressDCtx(decompressing.Handle, to, (nuint)target.Length, from, (nuint)compressed.Length));
        }
    }

    internal static void SetLevel(Context context, int level)
    {
        const int levelParameter = 100;
        _ = Check(ZSTD_CCtx_setParameter(context.Handle, levelParameter, level));
    }

    /// <summary>Compresses a part of a stream; done when nothing is held back any more.</summary>
    internal static unsafe (int Used, int Made, bool Done) Step(Context context, ReadOnlySpan<byte> content, Span<byte> target, bool end)
    {
        fixed (byte* from = content)
        fixed (byte* to = target)
        {
            var source = new Buffer { Bytes = from, Size = (nuint)content.Length };
            var made = new Buffer { Bytes = to, Size = (nuint)target.Length };
            var left = Check(ZSTD_compressStream2(context.Handle, &made, &source, end ? 2 : 0));
            return ((int)source.Position, (int)made.Position, left == 0);
        }
    }

    internal static nuint Check(nuint result) => ZSTD_isError(result) == 0
        ? result
        : throw new ProblemException(ProblemKind.Invalid, "zstd.invalid", $"cannot read compressed bytes: {Marshal.PtrToStringUTF8(ZSTD_getErrorName(result))}");

    internal sealed class Context : IDisposable
    {
        private readonly bool compressor;

        internal Context(nint handle, bool compressor)
        {
            Handle = handle != 0 ? handle : throw new ProblemException(ProblemKind.Unavailable, "zstd.memory", "libzstd got no memory");
            this.compressor = compressor;
        }

        ~Context() => Free();

        internal nint Handle { get; private set; }

        public void Dispose()
        {
            Free();
            GC.SuppressFinalize(this);
        }

        private void Free()
        {
            _ = Handle == 0 ? 0 : compressor ? ZSTD_freeCCtx(Handle) : ZSTD_freeDCtx(Handle);
            Handle = 0;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct Buffer
    {
        internal byte* Bytes;
        internal nuint Size;
        internal nuint Position;
    }

    [LibraryImport(Library)]
    private static partial nuint ZSTD_compressBound(nuint length);

    [LibraryImport(Library)]
    internal static partial nint ZSTD_createCCtx();

    [LibraryImport(Library)]
    private static partial nuint ZSTD_freeCCtx(nint context);

    [LibraryImport(Library)]
    internal static partial nint ZSTD_createDCtx();

    [LibraryImport(Library)]
    private static partial nuint ZSTD_freeDCtx(nint context);

    [LibraryImport(Library)]
    private static unsafe partial nuint ZSTD_compressCCtx(nint context, byte* target, nuint capacity, byte* source, nuint length, int level);

    [LibraryImport(Library)]
    private static unsafe partial nuint ZSTD_decompressDCtx(nint context, byte* target, nuint capacity, byte* source, nuint length);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_CCtx_setParameter(nint context, int parameter, int value);

    [LibraryImport(Library)]
    private static unsafe partial nuint ZSTD_compressStream2(nint context, Buffer* output, Buffer* input, int operation);

    [LibraryImport(Library)]
    internal static unsafe partial nuint ZSTD_decompressStream(nint context, Buffer* output, Buffer* input);

    [LibraryImport(Library)]
    private static partial uint ZSTD_isError(nuint code);

    [LibraryImport(Library)]
    private static partial nint ZSTD_getErrorName(nuint code);
}
