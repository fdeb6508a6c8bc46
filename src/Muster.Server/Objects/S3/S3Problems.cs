using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Muster.Core.Problems;

namespace Muster.Server.Objects.S3;

/// <summary>
/// What an S3 service refuses, in our words: where, what, and what to do. The codes are those of Amazon's list of error responses and what
/// Ceph and MinIO add to it (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
/// </summary>
internal static class S3Problems
{
    /// <summary>Null where it is a bug of ours.</summary>
    /// <param name="where">Endpoint and bucket.</param>
    public static ProblemException? Explain(Exception failure, string where)
    {
        for (var inner = failure; inner is not null; inner = inner.InnerException)
        {
            if (Of(inner, where) is { } found)
            {
                return new ProblemException(found.Kind, found.Code, found.Message, failure);
            }
        }

        return null;
    }

    private static (ProblemKind Kind, string Code, string Message)? Of(Exception failure, string where) => failure switch
    {
        AmazonS3Exception { ErrorCode: { Length: > 0 } } refused => Refused(refused, where),
        AmazonServiceException { StatusCode: not 0 } refused => Refused(refused, where),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } tls =>
            (ProblemKind.Unavailable, "objects.s3-certificate", $"{where} shows a certificate that is not believed ({(tls.InnerException ?? tls).Message}): name the authority that signed it in S3:AuthorityFile, or correct S3:Endpoint"),
        HttpRequestException or IOException or TimeoutException or TaskCanceledException or System.Net.Sockets.SocketException =>
            (ProblemKind.Unavailable, "objects.s3-unreachable", $"{where} does not answer ({failure.Message}): see whether it runs, and whether S3:Endpoint is right"),
        _ => null,
    };

    private static (ProblemKind Kind, string Code, string Message) Refused(AmazonServiceException e, string where) => e.ErrorCode switch
    {
        "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "InvalidToken" or "ExpiredToken" =>
            (ProblemKind.Unavailable, "objects.s3-login", $"{where} refuses the login ({e.ErrorCode}): correct the keys in S3:CredentialsFile, and start the server again"),
        "RequestTimeTooSkewed" =>
            (ProblemKind.Unavailable, "objects.s3-clock", $"{where} refuses requests because its clock and this host's are more than minutes apart: set both by NTP"),
        "NoSuchBucket" =>
            (ProblemKind.Unavailable, "objects.s3-bucket", $"{where}: there is no such bucket: create it, or correct S3:Bucket"),
        "AuthorizationHeaderMalformed" or "PermanentRedirect" or "TemporaryRedirect" or "IllegalLocationConstraintException" =>
            (ProblemKind.Unavailable, "objects.s3-region", $"{where}: the bucket is in another region than S3:Region says ({e.Message}): correct S3:Region, and S3:Endpoint where that has the region in it"),
        "QuotaExceeded" or "XMinioStorageFull" or "XMinioAdminBucketQuotaExceeded" or "StorageQuotaExceeded" or "InsufficientStorage" or "ServiceFull" =>
            (ProblemKind.Full, "objects.full", $"no room left in {where} for new objects ({e.ErrorCode}); nothing of this batch was kept, what was there before is"),
        "EntityTooLarge" =>
            (ProblemKind.TooLarge, "objects.s3-too-large", $"{where} takes no object that large"),
        "AccessDenied" or "AllAccessDisabled" =>
            (ProblemKind.Unavailable, "objects.s3-denied", $"{where} does not allow this key what is needed: to list the bucket, and to read, write and delete below S3:Prefix"),
        "SlowDown" or "ServiceUnavailable" or "ThrottlingException" or "RequestTimeout" or "InternalError" =>
            (ProblemKind.Unavailable, "objects.s3-busy", $"{where} is too busy ({e.ErrorCode}); ask again later"),
        _ when e.StatusCode == HttpStatusCode.InsufficientStorage =>
            (ProblemKind.Full, "objects.full", $"no room left in {where} for new objects; nothing of this batch was kept, what was there before is"),
        _ when (int)e.StatusCode >= 500 =>
            (ProblemKind.Unavailable, "objects.s3-busy", $"{where} cannot do it now ({(int)e.StatusCode} {e.ErrorCode}); ask again later"),
        _ => (ProblemKind.Unavailable, "objects.s3", $"{where} answers {(int)e.StatusCode} {e.ErrorCode}: {e.Message}"),
    };
}
