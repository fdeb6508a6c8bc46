using Muster.Cli.Running;

namespace Muster.Cli.Showing;

/// <summary>One line on standard error that is written over again and again; where it is not a terminal, a line for each new text.</summary>
internal sealed class ProgressLine(Surroundings around, bool color) : IDisposable
{
    public static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);

    private string shown = "";

    public void Show(string text)
    {
        var safe = StyledWriter.Safe(text);
        if (!around.ErrorIsTerminal)
        {
            // Numbers change all the time; in a log only the beginning of something new is worth a line.
            var words = new string([.. safe.Where(letter => !char.IsAsciiDigit(letter) && letter is not ('.' or ',' or '#' or ' ' or 'K' or 'M' or 'G' or 'B'))]);
            if (words != shown)
            {
                shown = words;
                around.Error.WriteLine(safe);
            }

            return;
        }

        if (safe == shown)
        {
            return;
        }

        shown = safe;
        var cut = safe.Length >= around.Width ? safe[..(around.Width - 1)] : safe;
        around.Error.Write(color ? $"\r\e[K\e[36m{cut}\e[0m" : $"\r\e[K{cut}");
        around.Error.Flush();
    }

    public void Clear()
    {
        if (around.ErrorIsTerminal && shown.Length > 0)
        {
            around.Error.Write("\r\e[K");
            around.Error.Flush();
        }

        shown = "";
    }

    public void Dispose() => Clear();
}
