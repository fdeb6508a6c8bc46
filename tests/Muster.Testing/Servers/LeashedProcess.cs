using System.Collections.Concurrent;
using System.Diagnostics;
using Xunit;

namespace Muster.Testing;

/// <summary>
/// A program that runs beside this one and ends with it, however this one ends. What it says is kept, and told to whoever
/// listens.
/// </summary>
public sealed class LeashedProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _said = new();
    private readonly Action<string>? _listen;

    private LeashedProcess(Process process, Action<string>? listen)
    {
        _process = process;
        _listen = listen;
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Everything it has said so far.</summary>
    public string Said => string.Join('\n', _said);

    /// <summary>The leash; the program is its child.</summary>
    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public static LeashedProcess Start(IReadOnlyList<string> command, Action<string>? listen = null, params (string Name, string Value)[] environment)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Servers", "leash.sh");
        var start = new ProcessStartInfo("bash", [script, .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new(Process.Start(start)!, listen);
    }

    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Asks it to stop.</summary>
    public void LetGo() => _process.StandardInput.Close();

    /// <summary>Asks it to stop, and waits until it has.</summary>
    public async ValueTask DisposeAsync()
    {
        LetGo();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is not null)
        {
            _said.Enqueue(line);
            _listen?.Invoke(line);
        }
    }
}
