using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Protocol;

/// <summary>
/// A text that whoever holds it can act with: a password, a token. In JSON it is that text; wherever else something is printed
/// (a log line, an exception, a record's own text) it is <c>***</c>. An argument of this type stands in a plan as a keyed digest.
/// </summary>
[JsonConverter(typeof(SecretConverter))]
public sealed class Secret(string text) : IEquatable<Secret>
{
    /// <summary>How many characters it has.</summary>
    public int Length => text.Length;

    /// <summary>A secret that was just made or read.</summary>
    public static implicit operator Secret(string text) => new(text);

    /// <summary>The text itself. There is no implicit way to it, so that each place that takes it out can be found.</summary>
    public string Reveal() => text;

    /// <inheritdoc/>
    public bool Equals(Secret? other) => other is not null && other.Reveal() == text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <inheritdoc/>
    public override int GetHashCode() => text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => "***";
}

/// <summary>Writes and reads a <see cref="Secret"/> as its text.</summary>
public sealed class SecretConverter : JsonConverter<Secret>
{
    /// <inheritdoc/>
    public override Secret? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? new Secret(reader.GetString()!) : throw new JsonException("a secret is a text");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) => writer.WriteStringValue(value.Reveal());
}
