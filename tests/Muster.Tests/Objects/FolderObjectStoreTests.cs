using Muster.Core.Objects;
using Muster.Server.Objects;
using Muster.Testing;
using Xunit;

namespace Muster.Tests.Objects;

public sealed class FolderObjectStoreTests : ObjectStoreContract, IDisposable
{
    private readonly TemporaryFolder folder = new();

    private protected override IObjectStore Open() => new FolderObjectStore(folder.Path);

    [Fact]
    public async Task What_a_killed_server_had_begun_is_cleared_away()
    {
        var killed = (FolderObjectStore)Open();
        var batch = killed.Begin();
        await batch.AddAsync(new ObjectReference(ObjectKind.File, Digest.Of("x"u8)), new StoredForm(ObjectEncoding.Plain, 1), "x"u8.ToArray(), Cancellation);
        Assert.Single(Begun());

        // One that lives is let be: two servers may share the folder.
        Open();
        Assert.Single(Begun());

        killed.Dispose();
        Open();
        Assert.Empty(Begun());
    }

    private List<string> Begun() => [.. Directory.EnumerateFiles(folder.Under("incoming"), "*-*", SearchOption.AllDirectories)];

    [Fact]
    public async Task The_bytes_of_a_stored_file_stay_as_they_are()
    {
        var store = Open();
        var all = new[] { (Form: new StoredForm(ObjectEncoding.Plain, 2), Stored: "hi"u8.ToArray()), (new StoredForm(ObjectEncoding.Zstd, 300), [1, 2, 3]) };
        var lines = new List<string>();
        foreach (var (form, stored) in all)
        {
            var reference = new ObjectReference(ObjectKind.Directory, Digest.Of(stored));
            await using var batch = store.Begin();
            await batch.AddAsync(reference, form, stored, Cancellation);
            await batch.CommitAsync(Cancellation);
            var path = folder.Under("directory", reference.Digest.ToString()[..2], reference.Digest.ToString());
            lines.Add($"{form.Encoding}: {Convert.ToHexStringLower(await File.ReadAllBytesAsync(path, Cancellation))}");
        }

        Golden.Match(string.Join('\n', lines), "store.golden.txt");
    }

    public void Dispose() => folder.Dispose();
}
