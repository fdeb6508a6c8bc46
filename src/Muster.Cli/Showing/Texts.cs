using System.Globalization;

namespace Muster.Cli.Showing;

/// <summary>Numbers and times as people read them.</summary>
internal static class Texts
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>Decimal units, as disks and networks are sold.</summary>
    public static string Bytes(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (Math.Abs(value) >= 999.5 && unit < Units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return unit == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes} B")
            : string.Create(CultureInfo.InvariantCulture, $"{value.ToString(Math.Abs(value) < 9.95 ? "0.0" : "0", CultureInfo.InvariantCulture)} {Units[unit]}");
    }

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    public static string Ago(DateTimeOffset? time, DateTimeOffset now) => time is { } then ? $"{Span(now - then)} ago" : "never";

    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => "0 s",
        { TotalMinutes: < 2 } => $"{(int)span.TotalSeconds} s",
        { TotalHours: < 2 } => $"{(int)span.TotalMinutes} min",
        { TotalDays: < 2 } => $"{(int)span.TotalHours} h",
        _ => $"{(int)span.TotalDays} d",
    };

    public static string Microseconds(long? microseconds) => microseconds switch
    {
        null => "-",
        < 1000 => $"{microseconds} µs",
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{microseconds.Value / 1000.0:0.#} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{microseconds.Value / 1_000_000.0:0.##} s"),
    };

    /// <summary>inSync is <c>in sync</c>.</summary>
    public static string Words(string camelCase) => Running.OperationPath.Dashed(camelCase).Replace('-', ' ');
}
