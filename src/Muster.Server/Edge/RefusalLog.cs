using Muster.Server.Identity;

namespace Muster.Server.Edge;

/// <summary>
/// Log lines of requests that got a no. An outage is told once, and again only after it was over for a while. Who was not let in is told
/// each time, without what they showed, up to so many a minute: whoever knocks for ever does not fill the disk.
/// </summary>
internal sealed partial class RefusalLog(TimeProvider time, ILogger<RefusalLog> log)
{
    private const int MostInAMinute = 60;
    private static readonly TimeSpan Over = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private readonly Dictionary<string, DateTimeOffset> outages = [];
    private DateTimeOffset minute;
    private int told;
    private int untold;

    public void Waits(string code, string detail)
    {
        bool isNew;
        lock (gate)
        {
            // Codes are ours, so there are not many.
            var now = time.GetUtcNow();
            isNew = !outages.TryGetValue(code, out var last) || now - last > Over;
            outages[code] = now;
        }

        if (isNew)
        {
            Coping(detail, code);
        }
    }

    public void Refused(HttpContext http, string code)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (now - minute >= TimeSpan.FromMinutes(1))
            {
                if (untold > 0)
                {
                    Untold(untold);
                }

                (minute, told, untold) = (now, 0, 0);
            }

            if (told == MostInAMinute)
            {
                untold++;
                return;
            }

            told++;
        }

        // The path as it travelled: without line breaks, and without the query.
        NotLetIn(http.Features.Get<Caller>()?.Name ?? "nobody", http.Connection.RemoteIpAddress?.ToString(), http.Request.Method, http.Request.Path.ToUriComponent(), code);
    }

    [LoggerMessage(LogLevel.Warning, "{Detail} ({Code})")]
    private partial void Coping(string detail, string code);

    [LoggerMessage(LogLevel.Information, "Refused {Caller} from {Address}: {Method} {Path}: {Code}")]
    private partial void NotLetIn(string caller, string? address, string method, string path, string code);

    [LoggerMessage(LogLevel.Information, "{Count} more were refused within a minute")]
    private partial void Untold(int count);
}
