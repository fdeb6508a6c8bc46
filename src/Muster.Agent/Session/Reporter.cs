using Muster.Agent.Fetching;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Protocol;
using Muster.Protocol.Agent;

namespace Muster.Agent.Session;

/// <summary>Tells the server what changed, at most four times a second, and every half minute that this machine is alive.</summary>
internal sealed class Reporter(MachineReport report, DriftLog drifts, TimeProvider time)
{
    private const int MostDrifts = 500;
    private const int MostTreeBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Throttled = TimeSpan.FromSeconds(5);

    /// <summary>Reports over one session until it breaks. Begins with everything.</summary>
    public async Task RunAsync(ServerConnection server, TimeSpan heartbeat, CancellationToken cancellationToken)
    {
        Report? sent = null;
        while (true)
        {
            var changed = report.Changed;
            var now = report.Now;
            var batch = drifts.Take(MostDrifts);
            try
            {
                var answer = await server.PostAsync("agent/v1/report", Difference(sent, now, batch), MusterJson.Default.Report, MusterJson.Default.ReportAnswer, Patience, cancellationToken);
                drifts.Sent(batch);
                sent = now;
                while (answer.Lacked.Count > 0 && report.Managed is { } tree)
                {
                    if (await SendLackedAsync(server, tree, answer.Lacked, cancellationToken) is not { } next)
                    {
                        break;
                    }

                    answer = next;
                }
            }
            catch (ProblemException e) when (e.Kind == ProblemKind.Throttled)
            {
                // Too much at once is no reason to end the session, and what was not taken is still known.
                await Task.Delay(e.RetryAfter ?? Throttled, time, cancellationToken);
                continue;
            }

            // Changes that come in the pause go together in the next report.
            await Task.Delay(Pause, time, cancellationToken);
            if (drifts.Count == 0)
            {
                using var beat = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                await Task.WhenAny(changed, Task.Delay(heartbeat * (0.8 + (0.4 * Random.Shared.NextDouble())), time, beat.Token));
                await beat.CancelAsync();
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>
    /// What has changed since the last report. An answer to another order is told whole, or a machine that goes from one image to the
    /// next between two reports would seem never to have answered.
    /// </summary>
    internal static Report Difference(Report? sent, Report now, IReadOnlyList<DriftReport> batch)
    {
        var isAnswer = sent is null || sent.Order != now.Order;
        var isStateNew = isAnswer || sent!.State != now.State || sent.Tree != now.Tree;
        return new Report(
            now.Order,
            isStateNew ? now.State : null,
            isAnswer || sent!.Tree != now.Tree ? now.Tree : null,
            isAnswer || sent!.Counts != now.Counts ? now.Counts : null,
            isStateNew || sent!.Progress != now.Progress ? now.Progress : null,
            isAnswer || sent!.Update != now.Update ? now.Update : null,
            sent is not null && ReferenceEquals(sent.Conditions, now.Conditions) ? null : now.Conditions,
            batch.Count == 0 ? null : batch,
            isStateNew || sent!.Why != now.Why ? now.Why : null);
    }

    // Null if nothing of it is ours any more: then the tree has changed, and the next report says how.
    private static async Task<ReportAnswer?> SendLackedAsync(ServerConnection server, Tree tree, IReadOnlyList<string> lacked, CancellationToken cancellationToken)
    {
        var wanted = lacked.Take(10_000).ToHashSet();
        var known = new Dictionary<string, Func<byte[]>> { [$"tree:{tree.Digest}"] = () => TreeFormat.Encode(tree) };
        foreach (var directory in TreeWalk.Directories(tree))
        {
            known.TryAdd($"directory:{directory.Digest}", () => TreeFormat.Encode(directory));
        }

        ReportAnswer? answer = null;
        var writer = new ByteWriter();
        foreach (var text in lacked)
        {
            if (wanted.Remove(text) && known.TryGetValue(text, out var encode) && ObjectReference.TryParse(text, out var reference))
            {
                BatchStream.Write(writer, reference, encode());
                if (writer.Written.Length >= MostTreeBytes)
                {
                    answer = await PostAsync(server, writer, cancellationToken);
                    writer = new ByteWriter();
                }
            }
        }

        return writer.Written.IsEmpty ? answer : await PostAsync(server, writer, cancellationToken);
    }

    private static Task<ReportAnswer> PostAsync(ServerConnection server, ByteWriter writer, CancellationToken cancellationToken) =>
        server.PostBytesAsync("agent/v1/trees", writer.ToArray(), MusterJson.Default.ReportAnswer, Patience, cancellationToken);
}
