using System.Globalization;
using System.Xml.Linq;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>What all packages of one commit share: version and time. Nothing else of this computer may reach them.</summary>
internal sealed record Release(string Version, long Epoch)
{
    private static string Packages => Directory.CreateDirectory(Repository.Under("artifacts", "packages")).FullName;

    public static async Task<Release> OfThisCommitAsync(CancellationToken cancellationToken)
    {
        var version = XDocument.Load(Repository.Under("Directory.Build.props")).Descendants("Version").Single().Value;
        var epoch = Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH")
            ?? await Command.RunAsync("git", ["log", "-1", "--format=%ct"], cancellationToken);
        return new(version, long.Parse(epoch.Trim(), CultureInfo.InvariantCulture));
    }

    public string DebOf(string name) => Path.Combine(Packages, $"{name}_{Version}_amd64.deb");

    public string ArchiveOf(string name) => Path.Combine(Packages, $"{name}_{Version}_linux-x64.tar.gz");

    /// <param name="name">The package's.</param>
    /// <param name="root">What it holds.</param>
    /// <param name="filled">What stands for the @WORD@s of its control files.</param>
    public async Task<string> DebAsync(string name, string root, CancellationToken cancellationToken, params (string Word, string Value)[] filled)
    {
        AddDocuments(name, root);
        var size = Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length) / 1024;
        foreach (var control in Directory.EnumerateFiles(Repository.Under("deploy", "debian", name)))
        {
            var file = Path.GetFileName(control);
            var text = filled.Append(("VERSION", Version)).Append(("SIZE", size.ToString(CultureInfo.InvariantCulture)))
                .Aggregate(await File.ReadAllTextAsync(control, cancellationToken), (known, word) => known.Replace($"@{word.Item1}@", word.Item2, StringComparison.Ordinal));
            Place.Text(text, Path.Combine(root, "DEBIAN", file), executable: file.StartsWith("post", StringComparison.Ordinal) || file.StartsWith("pre", StringComparison.Ordinal));
        }

        await NormaliseAsync(root, cancellationToken);
        var deb = DebOf(name);
        await Tool.RunAsync(Repository.Root, ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z10", "--build", root, deb], cancellationToken, ("SOURCE_DATE_EPOCH", $"{Epoch}"));
        Directory.Delete(Path.Combine(root, "DEBIAN"), recursive: true);
        return deb;
    }

    public async Task<string> ArchiveAsync(string name, string root, CancellationToken cancellationToken)
    {
        await NormaliseAsync(root, cancellationToken);
        var archive = ArchiveOf(name);
        await Tool.RunAsync(
            root,
            [
                "tar", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", $"--mtime=@{Epoch}", "--format=gnu",
                "--use-compress-program=gzip --no-name -6", "-cf", archive + ".partial", ".",
            ],
            cancellationToken);
        File.Move(archive + ".partial", archive, overwrite: true);
        return archive;
    }

    private static void AddDocuments(string name, string root)
    {
        var documents = Path.Combine(root, "usr/share/doc", name);
        Place.Text($"Copyright 2026 The Muster authors\n\nLicence: Apache-2.0, see /usr/share/common-licenses/Apache-2.0\n\n{File.ReadAllText(Repository.Under("NOTICE"))}", Path.Combine(documents, "copyright"));
        Place.File(Repository.Under("README.md"), Path.Combine(documents, "README.md"));
        Place.File(Repository.Under("CHANGELOG.md"), Path.Combine(documents, "CHANGELOG.md"));
        Place.File(Repository.Under("docs", "reference", "third-party.md"), Path.Combine(documents, "third-party.md"));
    }

    // Modes must not depend on who built with which umask; times are the commit's.
    private async Task NormaliseAsync(string root, CancellationToken cancellationToken)
    {
        await Tool.RunAsync(root, ["chmod", "-R", "u=rwX,go=rX", "."], cancellationToken);
        await Tool.RunAsync(root, ["find", ".", "-exec", "touch", "--no-dereference", $"--date=@{Epoch}", "{}", "+"], cancellationToken);
    }
}
