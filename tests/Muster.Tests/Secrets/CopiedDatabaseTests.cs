using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Muster.Core.Problems;
using Muster.Protocol.Identity;
using Muster.Server.Certificates;
using Muster.Server.Edge;
using Muster.Testing;

namespace Muster.Tests.Secrets;

public sealed class CopiedDatabaseTests
{
    [Fact]
    public async Task A_copied_database_without_the_key_reveals_no_secret()
    {
        await using var server = await MusterServer.StartAsync();
        using var admin = await server.SignInAsync();
        var token = await server.MakeTokenAsync("Tokens.List");
        var planned = new ChangePassword(MusterServer.AdminPassword, "planned but never applied");
        (await admin.PostAsJsonAsync("/api/v1/users/change-password?plan=true", planned, WireJson.Options)).EnsureSuccessStatusCode();

        var copy = Directory.GetFiles(server.DataDirectory, "muster.db*").SelectMany(ReadShared).ToArray();
        foreach (var secret in new[] { server.OneTimePassword!, MusterServer.AdminPassword, token, "planned but never applied", "PRIVATE KEY" })
        {
            Assert.True(copy.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) < 0, $"'{secret}' can be read in the database");
        }

        var certificates = server.Services.GetRequiredService<ServerCertificates>();
        foreach (var authority in Enum.GetValues<CertificatePurpose>().Select(certificates.Authority.Intermediate).Append(certificates.Authority.Root))
        {
            using var key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(authority)!;
            Assert.True(copy.AsSpan().IndexOf(key.ExportParameters(true).D) < 0, "a private key can be read in the database");
        }

        var kek = await File.ReadAllBytesAsync(Path.Combine(server.DataDirectory, "secrets", "kek"));
        Assert.True(copy.AsSpan().IndexOf(kek) < 0);
    }

    [Fact]
    public async Task A_database_moved_beside_another_key_does_not_start()
    {
        using var folder = new TemporaryFolder();
        await (await MusterServer.StartAsync(folder.Path)).DisposeAsync();
        await File.WriteAllBytesAsync(folder.Under("secrets", "kek"), RandomNumberGenerator.GetBytes(32));
        Assert.Equal("secrets.unreadable", (await Assert.ThrowsAsync<ProblemException>(() => MusterServer.StartAsync(folder.Path))).Code);
    }

    [Fact]
    public async Task A_key_that_others_may_read_is_refused()
    {
        using var folder = new TemporaryFolder();
        await (await MusterServer.StartAsync(folder.Path)).DisposeAsync();
        var kek = folder.Under("secrets", "kek");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kek));
        File.SetUnixFileMode(kek, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Equal("secrets.key-open", (await Assert.ThrowsAsync<ProblemException>(() => MusterServer.StartAsync(folder.Path))).Code);
    }

    [Fact]
    [Requirement("DMX-022")]
    public async Task A_lost_key_is_said_and_not_replaced()
    {
        using var folder = new TemporaryFolder();
        await (await MusterServer.StartAsync(folder.Path)).DisposeAsync();
        File.Delete(folder.Under("secrets", "kek"));
        Assert.Equal("secrets.key-missing", (await Assert.ThrowsAsync<ProblemException>(() => MusterServer.StartAsync(folder.Path))).Code);
        Assert.False(File.Exists(folder.Under("secrets", "kek")));
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
