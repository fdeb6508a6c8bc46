using System.Buffers;
using System.Text;
using Muster.Core.Problems;

namespace Muster.Agent.Session;

/// <summary>One event of a stream.</summary>
internal sealed record ServerEvent(string Kind, string? Id, string Data);

/// <summary>
/// Reads server-sent events (the HTML standard's format) from a source that is not trusted: lines have a limit, and a stream without a
/// byte for 60 s is broken.
/// </summary>
internal sealed class EventStream(Stream stream, TimeProvider time) : IDisposable
{
    /// <summary>Longest event; an order is far shorter.</summary>
    public const int Limit = 1 << 20;

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    private readonly ArrayBufferWriter<byte> data = new(1024);
    private byte[] buffer = new byte[4096];
    private int start, end;

    public void Dispose() => stream.Dispose();

    /// <summary>The next event, or null at the end of the stream.</summary>
    public async Task<ServerEvent?> NextAsync(CancellationToken cancellationToken)
    {
        string kind = "message";
        string? id = null;
        data.ResetWrittenCount();
        while (await LineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0)
            {
                if (data.WrittenCount > 0 || kind != "message")
                {
                    return new ServerEvent(kind, id, Encoding.UTF8.GetString(data.WrittenSpan));
                }

                continue;
            }

            Take(line.Span, ref kind, ref id);
        }

        return null;
    }

    private void Take(ReadOnlySpan<byte> line, ref string kind, ref string? id)
    {
        var colon = line.IndexOf((byte)':');
        if (colon == 0)
        {
            return;
        }

        var name = colon < 0 ? line : line[..colon];
        var value = colon < 0 ? [] : line[(colon + 1)..];
        value = value.StartsWith(" "u8) ? value[1..] : value;
        if (name.SequenceEqual("event"u8))
        {
            kind = Encoding.UTF8.GetString(value);
        }
        else if (name.SequenceEqual("id"u8))
        {
            id = Encoding.UTF8.GetString(value);
        }
        else if (name.SequenceEqual("data"u8))
        {
            if (data.WrittenCount + value.Length > Limit)
            {
                throw TooLong();
            }

            if (data.WrittenCount > 0)
            {
                data.Write("\n"u8);
            }

            data.Write(value);
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> LineAsync(CancellationToken cancellationToken)
    {
        for (var looked = 0; ;)
        {
            var found = buffer.AsSpan(start + looked, end - start - looked).IndexOf((byte)'\n');
            if (found >= 0)
            {
                var line = buffer.AsMemory(start, looked + found);
                start += looked + found + 1;
                return line.Length > 0 && line.Span[^1] == '\r' ? line[..^1] : line;
            }

            looked = end - start;
            MakeRoom();
            var count = await ReadAsync(cancellationToken);
            if (count == 0)
            {
                return null;
            }

            end += count;
        }
    }

    private void MakeRoom()
    {
        buffer.AsSpan(start, end - start).CopyTo(buffer);
        (start, end) = (0, end - start);
        if (end == buffer.Length)
        {
            Array.Resize(ref buffer, buffer.Length < Limit ? buffer.Length * 2 : throw TooLong());
        }
    }

    private async ValueTask<int> ReadAsync(CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            return await stream.ReadAsync(buffer.AsMemory(end), either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProblemException(ProblemKind.Unavailable, "server.silent", "the server's stream was silent for a minute");
        }
        catch (Exception e) when (e is IOException or HttpRequestException or ObjectDisposedException)
        {
            throw new ProblemException(ProblemKind.Unavailable, "server.unreachable", $"the server's stream broke: {e.Message}", e);
        }
    }

    private static ProblemException TooLong() =>
        new(ProblemKind.TooLarge, "server.event", $"the server sent an event of more than {Limit} bytes");
}
