using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Protocol.Tasks;
using Muster.Server.Events;
using Muster.Server.Objects;
using Muster.Server.Tasks;

namespace Muster.Server.Images;

/// <param name="Image">Which, by what stays when its name is used no more.</param>
internal sealed record VerificationArguments(ImageId Image, string Name, Digest Digest);

/// <summary>
/// Reads every object of an image and compares it with its digest. What is damaged is moved aside and made known as by any other reader,
/// so that adding the image again heals it.
/// </summary>
internal sealed class ImageVerification(ImageReader images, VerifiedObjects objects, EventLog events) : TaskDefinition<VerificationArguments>
{
    private const int Together = 8;

    public override string Kind => "Images.Verify";

    public override IReadOnlyList<TaskStep> Steps(VerificationArguments arguments) =>
    [
        new("structure", "Read its directories", (task, cancellation) => ReadStructureAsync(task, arguments, cancellation)),
        new("content", "Read its files' content", (task, cancellation) => ReadContentAsync(task, arguments, cancellation)),
        new("result", "Tell what was found", (task, _) => TellAsync(task, arguments)),
    ];

    private async Task ReadStructureAsync(TaskContext task, VerificationArguments arguments, CancellationToken cancellationToken)
    {
        var loaded = await images.LoadAsync(arguments.Digest, cancellationToken);
        var files = TreeWalk.Files(loaded.Tree.Tree, loaded.Tree.Load);
        task.Say($"{files.Count} different contents of {files.Values.Sum()} bytes");
    }

    private async Task ReadContentAsync(TaskContext task, VerificationArguments arguments, CancellationToken cancellationToken)
    {
        var loaded = await images.LoadAsync(arguments.Digest, cancellationToken);
        var files = TreeWalk.Files(loaded.Tree.Tree, loaded.Tree.Load).OrderBy(file => file.Key).ToList();
        var total = files.Sum(file => file.Value);

        // By digest, so that another attempt goes on where this one was.
        var seen = task.Recall<Position>() ?? new Position(null, 0, 0);
        var left = seen.After is { } after ? files.Where(file => file.Key.CompareTo(Digest.Parse(after)) > 0) : files;
        foreach (var some in left.Chunk(Together))
        {
            var damaged = 0;
            await Parallel.ForEachAsync(some, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = cancellationToken }, async (file, cancellation) =>
            {
                if (!await IsSoundAsync(task, new ObjectReference(ObjectKind.File, file.Key), cancellation))
                {
                    Interlocked.Increment(ref damaged);
                }
            });
            seen = new Position(some[^1].Key.ToString(), seen.Done + some.Sum(file => file.Value), seen.Damaged + damaged);
            task.Report(new TaskProgress(seen.Done, total, "bytes", seen.Damaged == 0 ? null : $"{seen.Damaged} damaged"), seen);
        }

        task.Report(new TaskProgress(total, total, "bytes", null), seen);
        if (seen.Damaged > 0)
        {
            // Here and not in a step of its own, so that whoever tries again has it read again.
            throw new ProblemException(
                ProblemKind.Conflict, "image.damaged", $"{seen.Damaged} objects of {arguments.Name} are damaged and were moved aside; adding the image again from where it came (muster images add, under another name) heals them");
        }
    }

    private Task TellAsync(TaskContext task, VerificationArguments arguments)
    {
        task.CloseWith((sql, cancellation) => events.AddAsync(sql, task.Organisation, "image.verified", arguments.Image.ToString(), new { arguments.Name }, cancellation));
        return Task.CompletedTask;
    }

    private async Task<bool> IsSoundAsync(TaskContext task, ObjectReference reference, CancellationToken cancellationToken)
    {
        try
        {
            await using var opened = await objects.OpenAsync(reference, cancellationToken);
            return true;
        }
        catch (ProblemException e) when (e.Code == "object.damaged")
        {
            task.Say(e.Message, "error");
            return false;
        }
    }

    /// <param name="After">The last content that was read, in hex.</param>
    /// <param name="Done">Bytes read.</param>
    private sealed record Position(string? After, long Done, int Damaged);
}
