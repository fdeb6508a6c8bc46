namespace Muster.Cli.Showing;

/// <summary>How far something of known size is.</summary>
internal static class ProgressBar
{
    private const int Width = 24;

    public static string Show(string what, long done, long total, long sent, TimeSpan took)
    {
        var share = total <= 0 ? 1 : Math.Clamp((double)done / total, 0, 1);
        var filled = (int)(share * Width);
        var rate = took.TotalSeconds > 0 ? (long)(done / took.TotalSeconds) : 0;
        return $"{what} [{new string('#', filled)}{new string('.', Width - filled)}] {(int)(share * 100)} %  {Texts.Bytes(done)} of {Texts.Bytes(total)}, {Texts.Bytes(sent)} sent, {Texts.Bytes(rate)}/s";
    }
}
