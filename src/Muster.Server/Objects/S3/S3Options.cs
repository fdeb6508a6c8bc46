using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Muster.Core.Problems;

namespace Muster.Server.Objects.S3;

internal sealed class S3Options
{
    /// <summary>Address of the S3 service without any path, such as <c>https://s3.example.org:9000</c> or <c>https://s3.eu-central-1.amazonaws.com</c>.</summary>
    public string Endpoint { get; init; } = "";

    /// <summary>The bucket, which must be there already.</summary>
    public string Bucket { get; init; } = "";

    /// <summary>The bucket's region, which requests are signed for; stores without regions take any.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>What the names of all that is kept in the bucket begin with, so that others may use the bucket too. Two installations must not share one.</summary>
    public string Prefix { get; init; } = "muster";

    /// <summary>True: the bucket's name goes into the path, as most stores at home want it. False: into the host name, as Amazon wants it.</summary>
    public bool PathStyle { get; init; } = true;

    /// <summary>PEM file with the authorities that the service's certificate may be from; those of this host if empty.</summary>
    public string AuthorityFile { get; init; } = "";

    /// <summary>File (mode 0600) with the lines <c>aws_access_key_id = …</c> and <c>aws_secret_access_key = …</c>. Read when the server starts.</summary>
    public string CredentialsFile { get; init; } = "";
}

/// <summary>Looks at them where the objects are kept in S3, or where any of them is set.</summary>
internal sealed partial class S3OptionsValidator(IConfiguration configuration) : IValidateOptions<S3Options>
{
    public ValidateOptionsResult Validate(string? name, S3Options options)
    {
        var used = ObjectStores.IsS3(configuration["Objects:Store"]) || options is not { Endpoint: "", Bucket: "", CredentialsFile: "" };
        var faults = used ? FaultsOf(options).ToList() : [];
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }

    public static IEnumerable<string> FaultsOf(S3Options options)
    {
        if (!Uri.TryCreate(options.Endpoint, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https") || endpoint.PathAndQuery != "/" || endpoint.UserInfo != "" || endpoint.Fragment != "")
        {
            yield return $"Endpoint: '{(endpoint?.UserInfo is { Length: > 0 } ? "***" : options.Endpoint)}' is not an address such as https://s3.example.org:9000, without path, user or password";
        }

        if (!BucketName().IsMatch(options.Bucket))
        {
            yield return $"Bucket: '{options.Bucket}' is not a bucket's name: 3 to 63 of a-z, 0-9, '.' and '-'";
        }

        if (!Word().IsMatch(options.Region))
        {
            yield return $"Region: '{options.Region}' is not a region such as us-east-1";
        }

        if (!PrefixForm().IsMatch(options.Prefix))
        {
            yield return $"Prefix: '{options.Prefix}' is not words of letters, digits, '-', '_' and '.' with '/' between them";
        }

        if (options.AuthorityFile != "" && FaultOf(() => new X509Certificate2Collection().ImportFromPemFile(options.AuthorityFile)) is { } unread)
        {
            yield return $"AuthorityFile: cannot read certificates from {options.AuthorityFile}: {unread}";
        }

        if (options.CredentialsFile == "")
        {
            yield return "CredentialsFile: is missing; name a file with the access key";
        }
        else if (FaultOf(() => S3Credentials.Read(options.CredentialsFile)) is { } fault)
        {
            yield return $"CredentialsFile: {fault}";
        }
    }

    private static string? FaultOf(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (Exception e) when (e is ProblemException or CryptographicException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    private static partial Regex BucketName();

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$")]
    private static partial Regex Word();

    [GeneratedRegex("^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$")]
    private static partial Regex PrefixForm();
}
