using System.IO.Pipelines;

namespace Muster.Server.Objects;

/// <summary>
/// The body of an upload is read to its end whatever comes of it: a client of HTTP/1.1 hears an answer only after it has sent
/// everything, and would else see a broken connection where it should read that the disk is full.
/// </summary>
internal static class UploadBody
{
    /// <summary>Largest body of one request, and so the most that is read in vain.</summary>
    public const long Most = 512L << 20;

    public static async Task<TAnswer> TakeAsync<TAnswer>(PipeReader body, Func<Task<TAnswer>> take, CancellationToken cancellationToken)
    {
        try
        {
            return await take();
        }
        finally
        {
            try
            {
                await body.CopyToAsync(Stream.Null, cancellationToken);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The caller is gone or sent too much: what take() said of that is the answer.
            }
        }
    }
}
