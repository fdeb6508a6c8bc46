using Muster.Core.Problems;

namespace Muster.Files;

/// <summary>Reads the content of a compressed stream. Disposing it disposes the stream below.</summary>
public sealed class ZstdReadStream(Stream compressed) : ForwardStream
{
    private readonly Zstd.Context context = new(Zstd.ZSTD_createDCtx(), compressor: false);
    private readonly byte[] input = new byte[128 << 10];
    private int position;
    private int filled;
    private bool inFrame;

    public override bool CanRead => true;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var written = Step(buffer.Span);
            if (written > 0)
            {
                return written;
            }

            if (position == filled)
            {
                filled = await compressed.ReadAsync(input, cancellationToken);
                position = 0;
                if (filled == 0)
                {
                    return inFrame ? throw new ProblemException(ProblemKind.Invalid, "zstd.invalid", "the compressed bytes end too early") : 0;
                }
            }
        }

        return 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var written = Step(buffer);
            if (written > 0)
            {
                return written;
            }

            if (position == filled)
            {
                filled = compressed.Read(input);
                position = 0;
                if (filled == 0)
                {
                    return inFrame ? throw new ProblemException(ProblemKind.Invalid, "zstd.invalid", "the compressed bytes end too early") : 0;
                }
            }
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            context.Dispose();
            compressed.Dispose();
        }

        base.Dispose(disposing);
    }

    private unsafe int Step(Span<byte> target)
    {
        fixed (byte* from = input)
        fixed (byte* to = target)
        {
            var source = new Zstd.Buffer { Bytes = from, Size = (nuint)filled, Position = (nuint)position };
            var output = new Zstd.Buffer { Bytes = to, Size = (nuint)target.Length };

            // What is left in the context comes out even without new input.
            var left = Zstd.Check(Zstd.ZSTD_decompressStream(context.Handle, &output, &source));
            if (source.Position != (nuint)position || output.Position > 0)
            {
                inFrame = left != 0;
            }

            position = (int)source.Position;
            return (int)output.Position;
        }
    }
}

/// <summary>Gives the compressed form, one frame, of the stream it reads. Disposing it leaves the stream below open.</summary>
public sealed class ZstdPackStream : ForwardStream
{
    private readonly Stream content;
    private readonly Zstd.Context context = new(Zstd.ZSTD_createCCtx(), compressor: true);
    private readonly byte[] input = new byte[1 << 20];
    private int position;
    private int filled;
    private bool ending;
    private bool ended;

    public ZstdPackStream(Stream content, int level = 1)
    {
        this.content = content;
        Zstd.SetLevel(context, level);
    }

    public override bool CanRead => true;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!ended && !buffer.IsEmpty)
        {
            if (position == filled && !ending)
            {
                (position, filled) = (0, await content.ReadAsync(input, cancellationToken));
                ending = filled == 0;
            }

            var (used, made, done) = Zstd.Step(context, input.AsSpan(position, filled - position), buffer.Span, ending);
            position += used;
            ended = ending && done;
            if (made > 0)
            {
                return made;
            }
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            context.Dispose();
        }

        base.Dispose(disposing);
    }
}

/// <summary>Compresses what is written. Disposing it ends the frame and leaves the stream below open.</summary>
public sealed class ZstdWriteStream : ForwardStream
{
    private readonly Stream target;
    private readonly Zstd.Context context = new(Zstd.ZSTD_createCCtx(), compressor: true);
    private readonly byte[] output = new byte[128 << 10];
    private bool ended;

    public ZstdWriteStream(Stream target, int level = 1)
    {
        this.target = target;
        Zstd.SetLevel(context, level);
    }

    public override bool CanWrite => true;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var (used, made, _) = Zstd.Step(context, buffer.Span, output, end: false);
            buffer = buffer[used..];
            await target.WriteAsync(output.AsMemory(0, made), cancellationToken);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var (used, made, _) = Zstd.Step(context, buffer, output, end: false);
            buffer = buffer[used..];
            target.Write(output.AsSpan(0, made));
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !ended)
        {
            ended = true;
            for (var done = false; !done;)
            {
                (_, var made, done) = Zstd.Step(context, [], output, end: true);
                target.Write(output.AsSpan(0, made));
            }

            context.Dispose();
        }

        base.Dispose(disposing);
    }
}

/// <summary>A stream that only goes forward.</summary>
public abstract class ForwardStream : Stream
{
    public override bool CanRead => false;

    public override bool CanWrite => false;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
