using System.Text.Encodings.Web;
using System.Text.Json;
using Muster.Cli.Running;

namespace Muster.Cli.Showing;

/// <summary>Where answers go: to standard output in the form that was asked for. Notes and progress go to standard error.</summary>
internal sealed class Output(Surroundings around, OutputFormat format, bool color)
{
    public OutputFormat Format => format;

    public int Width => around.OutIsTerminal ? around.Width : int.MaxValue;

    /// <summary>Text for people on standard output.</summary>
    public StyledWriter Plain { get; } = new(around.Out, color && around.OutIsTerminal);

    /// <summary>Text for people beside the answer.</summary>
    public StyledWriter Notes { get; } = new(around.Error, color && around.ErrorIsTerminal);

    public DateTimeOffset Now => around.Time.GetUtcNow();

    /// <summary>An answer in the form asked for; <paramref name="table"/> writes it for people.</summary>
    public void Write(JsonElement answer, Action table)
    {
        switch (format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                Document(answer);
                break;
            case OutputFormat.Name:
                Names(answer);
                break;
            default:
                table();
                break;
        }
    }

    public void Document(JsonElement answer)
    {
        if (format == OutputFormat.Yaml)
        {
            around.Out.Write(Yaml.Write(answer));
            return;
        }

        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" }))
        {
            answer.WriteTo(writer);
        }

        around.Out.WriteLine(System.Text.Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }

    // What scripts pass on to the next command: the name of each item, or what stands for it.
    private void Names(JsonElement answer)
    {
        if (answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("items", out var items))
        {
            foreach (var item in items.EnumerateArray())
            {
                Names(item);
            }

            return;
        }

        var named = answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("summary", out var summary) ? summary : answer;
        foreach (var member in (ReadOnlySpan<string>)["name", "path", "id", "hash"])
        {
            if (named.ValueKind == JsonValueKind.Object && named.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String)
            {
                Plain.Line(value.GetString()!);
                return;
            }
        }
    }
}
