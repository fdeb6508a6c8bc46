using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Muster.Cli.Connection;
using Muster.Cli.Running;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Events;

namespace Muster.Cli.Events;

/// <summary>
/// Follows what happens at the server, across cuts and restarts: after each it resumes behind the last event it saw. Ends only
/// when it is cancelled, or when the server says that asking again is useless.
/// </summary>
internal sealed class EventStream(MusterClient client, TimeProvider time)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(0.5), LongestWait = TimeSpan.FromSeconds(30);

    // The server speaks every 20 seconds, if only to say nothing.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    private long? last;

    /// <summary>Called when the connection breaks, with why.</summary>
    public Action<string>? Broken { get; init; }

    /// <summary>Called when a stream is open: what happens from now on will be seen.</summary>
    public Func<CancellationToken, Task>? Ready { get; init; }

    public async IAsyncEnumerable<Event> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wait = TimeSpan.Zero;
        while (true)
        {
            await Task.Delay(wait, time, cancellationToken);
            await foreach (var one in OnceAsync(cancellationToken))
            {
                wait = FirstWait;
                yield return one;
            }

            wait = wait == TimeSpan.Zero ? FirstWait : TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, LongestWait.Ticks));
        }
    }

    private async IAsyncEnumerable<Event> OnceAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(cancellationToken);
        if (response is null)
        {
            yield break;
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken), Encoding.UTF8);
        while (await ReadBlockAsync(reader, cancellationToken) is { } block)
        {
            switch (block.Kind)
            {
                case "ready" or "reset":
                    last = block.Id;
                    if (Ready is not null)
                    {
                        await Ready(cancellationToken);
                    }

                    break;
                case { Length: > 0 }:
                    last = block.Id;
                    yield return JsonSerializer.Deserialize(block.Data, MusterJson.Default.Event)!;
                    break;
            }
        }
    }

    private async Task<HttpResponseMessage?> OpenAsync(CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, OperationPath.Of("Events.Stream"));
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (last is { } number)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", number.ToString(CultureInfo.InvariantCulture));
        }

        try
        {
            return await client.SendAsync(request, cancellationToken);
        }
        catch (ProblemException e) when (e.Kind is ProblemKind.Unavailable or ProblemKind.Throttled && last is not null)
        {
            Broken?.Invoke(e.Message);
            return null;
        }
    }

    // Null when the stream is at its end or broken; the next one resumes.
    private async Task<Block?> ReadBlockAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var block = new Block();
        try
        {
            while (true)
            {
                silence.CancelAfter(LongestSilence);
                switch (await reader.ReadLineAsync(silence.Token))
                {
                    case null:
                        return null;
                    case "":
                        return block;
                    case var line when line.StartsWith("id: ", StringComparison.Ordinal):
                        block.Id = long.Parse(line.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture);
                        break;
                    case var line when line.StartsWith("event: ", StringComparison.Ordinal):
                        block.Kind = line[7..];
                        break;
                    case var line when line.StartsWith("data: ", StringComparison.Ordinal):
                        block.Data = line[6..];
                        break;
                }
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or FormatException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            Broken?.Invoke("the connection broke");
            return null;
        }
    }

    private sealed class Block
    {
        public long Id { get; set; }

        public string Kind { get; set; } = "";

        public string Data { get; set; } = "{}";
    }
}
