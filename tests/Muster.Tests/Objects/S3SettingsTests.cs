using Muster.Core.Problems;
using Muster.Server;
using Muster.Server.Objects.S3;
using Muster.Testing;
using Xunit;

namespace Muster.Tests.Objects;

/// <summary>What is wrong with the settings of an S3 store is said before anything asks it.</summary>
public sealed class S3SettingsTests : IDisposable
{
    private const string Secret = "hunter2-and-more";

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task All_of_it_at_once()
    {
        await File.WriteAllTextAsync(
            folder.Under("server.json"),
            """{"Objects":{"Store":"s3"},"S3":{"Endpoint":"s3.example.org","Bucket":"My_Bucket","Region":"","Prefix":"/a/","AuthorityFile":"/nowhere.pem"}}""",
            Cancellation);
        var problem = await Assert.ThrowsAsync<ProblemException>(() => Commands.InitAsync(new ServerOptions { DataDirectory = folder.Path }));
        Assert.Equal("configuration.invalid", problem.Code);
        Assert.Equal(
            ["AuthorityFile", "Bucket", "CredentialsFile", "Endpoint", "Prefix", "Region"],
            problem.Faults.Where(fault => fault.Argument == "S3").Select(fault => fault.Message.Split(':')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_store_that_there_is_not()
    {
        await File.WriteAllTextAsync(folder.Under("server.json"), """{"Objects":{"Store":"tape"}}""", Cancellation);
        var problem = await Assert.ThrowsAsync<ProblemException>(() => Commands.InitAsync(new ServerOptions { DataDirectory = folder.Path }));
        Assert.Contains("folder or s3", Assert.Single(problem.Faults).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://s3.example.org:9000", true)]
    [InlineData("http://[::1]:7480/", true)]
    [InlineData("https://s3.example.org/bucket", false)]
    [InlineData("https://key:" + Secret + "@s3.example.org", false)]
    [InlineData("ftp://s3.example.org", false)]
    [InlineData("", false)]
    public void An_endpoint_is_scheme_host_and_port(string endpoint, bool good)
    {
        var faults = S3OptionsValidator.FaultsOf(With("aws_access_key_id = a\naws_secret_access_key = " + Secret, endpoint)).ToList();
        Assert.Equal(good, faults.Count == 0);
        Assert.All(faults, fault => Assert.DoesNotContain(Secret, fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("aws_access_key_id = a")]
    [InlineData("aws_access_key_id = a\naws_secret_access_key =")]
    [InlineData("aws_access_key_id = a\nsecret = " + Secret)]
    [InlineData("aws_access_key_id = a\naws_secret_access_key = b\naws_secret_access_key = " + Secret)]
    [InlineData("[other]\naws_access_key_id = a\naws_secret_access_key = " + Secret)]
    [InlineData("a:" + Secret)]
    public void A_credentials_file_that_cannot_be_understood_is_named_and_not_repeated(string text)
    {
        var fault = Assert.Single(S3OptionsValidator.FaultsOf(With(text)));
        Assert.Contains(folder.Under("key"), fault, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_credentials_file_as_other_programs_write_it_is_read_and_its_secret_never_printed()
    {
        ConnectionFiles.Write(folder.Under("key"), $"# ours\n[default]\naws_access_key_id=AKIA\naws_secret_access_key = {Secret}\naws_session_token = token\n");
        var read = S3Credentials.Read(folder.Under("key"));
        Assert.Equal(("AKIA", Secret, "token"), (read.AccessKey, read.SecretKey, read.SessionToken));
        Assert.Equal("***", $"{read}");
    }

    [Fact]
    public void A_credentials_file_that_others_may_read_is_refused()
    {
        var options = With("aws_access_key_id = a\naws_secret_access_key = b");
        File.SetUnixFileMode(folder.Under("key"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("chmod 0600", Assert.Single(S3OptionsValidator.FaultsOf(options)), StringComparison.Ordinal);
    }

    private S3Options With(string credentials, string endpoint = "https://s3.example.org")
    {
        ConnectionFiles.Write(folder.Under("key"), credentials);
        return new S3Options { Endpoint = endpoint, Bucket = "muster", CredentialsFile = folder.Under("key") };
    }
}
