namespace Muster.Agent;

/// <summary>
/// What the agent tells the operator of its machine: one line each on standard error, with the priority that systemd's journal
/// reads. Lasting troubles are conditions (<see cref="Conditions"/>) and not repeated lines.
/// </summary>
internal sealed class AgentLog(TextWriter writer, bool verbose)
{
    private readonly Lock gate = new();

    /// <summary>For simulated machines, whose thousands of voices nobody could read.</summary>
    public static AgentLog Silent { get; } = new(TextWriter.Null, verbose: false);

    public void Error(string message) => Write("<3>", message);

    public void Warning(string message) => Write("<4>", message);

    public void Information(string message) => Write("<6>", message);

    public void Debug(string message)
    {
        if (verbose)
        {
            Write("<7>", message);
        }
    }

    private void Write(string priority, string message)
    {
        lock (gate)
        {
            // A name in a message must not be able to fake a line of its own.
            writer.WriteLine($"{priority}{message.ReplaceLineEndings("\\n")}");
            writer.Flush();
        }
    }
}
