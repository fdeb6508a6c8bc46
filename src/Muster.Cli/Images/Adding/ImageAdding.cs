using System.Text.Json;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Core.Images;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;
using Muster.Protocol;
using Muster.Protocol.Images;

namespace Muster.Cli.Images.Adding;

/// <summary>The whole way of an image: scan, ask what lacks, send it, and give it its name by a plan.</summary>
internal sealed class ImageAdding(Run run)
{
    private const int Attempts = 5;

    public async Task<int> AddAsync(NewImage wanted, CancellationToken cancellationToken)
    {
        await RequireNewNameAsync(wanted.Name, cancellationToken);
        var started = run.Around.Time.GetTimestamp();
        using var source = await ScanAsync(wanted, cancellationToken);
        foreach (var warning in source.Warnings)
        {
            run.Output.Notes.Text("  ! ", Style.Warning).Line(warning, Style.Warning);
        }

        var image = wanted.Make(source.Tree);
        var measure = TreeMeasure.Of(source.Tree);
        var lacking = await LackingObjects.AskAsync(run.Client, image, source.Tree, cancellationToken);
        if (run.DryRun && !lacking.IsNothing)
        {
            TellDryRun(wanted.Name, measure, lacking);
            return ExitCode.Done;
        }

        var progress = new UploadProgress();
        if (!lacking.IsNothing)
        {
            await UploadAsync(source, image, lacking, progress, cancellationToken);
        }

        var arguments = new AddImage(wanted.Name, Digest.Of(image.Encode()));
        return await run.ChangeAndShowAsync(
            "Images.Add",
            arguments,
            MusterJson.Default.AddImage,
            answer =>
            {
                var added = answer.Deserialize(MusterJson.Default.ImageSummary)!;
                var took = run.Around.Time.GetElapsedTime(started);
                run.Output.Plain.Line($"Image {added.Name}: {Texts.Count(added.Entries)} entries, {Texts.Bytes(added.Bytes)}; {Sent(lacking, progress)}, {took.TotalSeconds:0.0} s.");
            },
            cancellationToken);
    }

    private static string Sent(LackingObjects lacking, UploadProgress progress) => lacking.Files.Count == 0
        ? "no file content had to be sent"
        : $"sent {Texts.Count(lacking.Files.Count)} files of {Texts.Bytes(lacking.FileBytes)} in {Texts.Bytes(progress.SentBytes)}";

    // Said before a long scan and not after it.
    private async Task RequireNewNameAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            using var found = await run.Client.ReadAsync("Images.Show", new ShowImage(name), MusterJson.Default.ShowImage, cancellationToken);
        }
        catch (ProblemException e) when (e.Kind is ProblemKind.NotFound or ProblemKind.Denied)
        {
            return;
        }

        throw new ProblemException(ProblemKind.Conflict, "image.name-used", $"there is an image '{name}' already, and names are never used twice: choose another");
    }

    private async Task<ITreeSource> ScanAsync(NewImage wanted, CancellationToken cancellationToken)
    {
        var progress = new ScanProgress();
        var scan = Task.Run<ITreeSource>(
            async () => Directory.Exists(wanted.From)
                ? await DirectorySource.ScanAsync(wanted.From, wanted.Manages(), run.Around, progress, cancellationToken)
                : ArchiveSource.Read(wanted.From, wanted.Manages(), run.Around, progress, cancellationToken),
            cancellationToken);
        await ShowingAsync(scan, () => $"reading {wanted.From}: {Texts.Count(progress.Entries)} entries, {Texts.Bytes(progress.Bytes)}");
        return await scan;
    }

    private async Task UploadAsync(ITreeSource source, Image image, LackingObjects lacking, UploadProgress progress, CancellationToken cancellationToken)
    {
        var upload = new ObjectUpload(run.Client, source, progress, run.Around.Time);
        var wait = TimeSpan.FromSeconds(1);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var started = run.Around.Time.GetTimestamp();
                var (total, rest) = (lacking.FileBytes, lacking);
                await ShowingAsync(
                    Task.Run(() => upload.SendAsync(rest, image, source.Tree, cancellationToken), cancellationToken),
                    () => ProgressBar.Show("sending", progress.PackedBytes, total, progress.SentBytes, run.Around.Time.GetElapsedTime(started)));
                return;
            }
            catch (ProblemException e) when (e.Kind is ProblemKind.Unavailable or ProblemKind.Throttled && attempt < Attempts)
            {
                run.Output.Notes.Line($"{e.Message}; trying again in {Texts.Span(e.RetryAfter ?? wait)}", Style.Warning);
                await Task.Delay(e.RetryAfter ?? wait, run.Around.Time, cancellationToken);
                wait *= 2;
            }
            catch (ProblemException e) when (e.Code == "object.digest")
            {
                throw new ProblemException(ProblemKind.Conflict, "file.changing",
                    "a file changed while the image was made; nothing was named, and what was sent is kept: run the same command again", e);
            }

            progress.Restart();
            lacking = await LackingObjects.AskAsync(run.Client, image, source.Tree, cancellationToken);
        }
    }

    private async Task ShowingAsync(Task work, Func<string> describe)
    {
        using var line = new ProgressLine(run.Around, run.UsesColor);
        while (await Task.WhenAny(work, Task.Delay(ProgressLine.Every, run.Around.Time)) != work)
        {
            line.Show(describe());
        }

        await work;
    }

    private void TellDryRun(string name, TreeMeasure measure, LackingObjects lacking)
    {
        if (run.Format is OutputFormat.Json or OutputFormat.Yaml)
        {
            using var document = JsonSerializer.SerializeToDocument(
                new AddImageForecast(name, measure.Entries, measure.Bytes, lacking.Files.Count, lacking.FileBytes, lacking.Directories.Count), AddingJson.Default.AddImageForecast);
            run.Output.Document(document.RootElement);
            return;
        }

        run.Output.Plain.Line($"Add image {name}", Style.Strong);
        run.Output.Plain.Line();
        run.Output.Plain.Line($"  {Texts.Count(measure.Entries)} entries, {Texts.Bytes(measure.Bytes)}");
        run.Output.Plain.Line($"  {Texts.Count(lacking.Files.Count)} files of {Texts.Bytes(lacking.FileBytes)} would be sent, before compression; nothing was");
    }
}
