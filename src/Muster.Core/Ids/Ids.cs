namespace Muster.Core.Ids;

/// <summary>What an id names. The prefix is shown before it, so that an id pasted in the wrong place is noticed.</summary>
public interface IIdKind
{
    /// <summary>Three lower-case letters.</summary>
    static abstract string Prefix { get; }
}

/// <summary>An id: a UUIDv7, shown as <c>mch_0192…</c> (prefix and 32 hexadecimal digits), never reused.</summary>
public readonly record struct Id<TKind>(Guid Value) : IComparable<Id<TKind>>
    where TKind : IIdKind
{
    /// <summary>A new id. Of those that one process makes, a later one sorts later, also within a millisecond.</summary>
    public static Id<TKind> New(TimeProvider time) => new(OrderedUuid.New(time));

    /// <summary>Reads the shown form; false for anything else, also for an id of another kind.</summary>
    public static bool TryParse(string? text, out Id<TKind> id)
    {
        id = default;
        var prefix = TKind.Prefix;
        if (text is null || text.Length != prefix.Length + 33 || !text.StartsWith(prefix, StringComparison.Ordinal) || text[prefix.Length] != '_'
            || !Guid.TryParseExact(text.AsSpan(prefix.Length + 1), "N", out var value))
        {
            return false;
        }

        id = new Id<TKind>(value);
        return true;
    }

    /// <summary>Reads the shown form.</summary>
    /// <exception cref="FormatException">The text is not an id of this kind.</exception>
    public static Id<TKind> Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not an id that begins with {TKind.Prefix}_");

    /// <inheritdoc/>
    public int CompareTo(Id<TKind> other) => Value.CompareTo(other.Value);

    /// <summary>The shown form.</summary>
    public override string ToString() => $"{TKind.Prefix}_{Value:N}";

    /// <summary>Earlier.</summary>
    public static bool operator <(Id<TKind> left, Id<TKind> right) => left.CompareTo(right) < 0;

    /// <summary>Later.</summary>
    public static bool operator >(Id<TKind> left, Id<TKind> right) => left.CompareTo(right) > 0;

    /// <summary>Not later.</summary>
    public static bool operator <=(Id<TKind> left, Id<TKind> right) => left.CompareTo(right) <= 0;

    /// <summary>Not earlier.</summary>
    public static bool operator >=(Id<TKind> left, Id<TKind> right) => left.CompareTo(right) >= 0;
}

/// <summary>An organisation: owns everything else.</summary>
public readonly struct OrganisationKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "org";
}

/// <summary>A person who signs in.</summary>
public readonly struct UserKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "usr";
}

/// <summary>A Linux host with an agent.</summary>
public readonly struct MachineKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "mch";
}

/// <summary>An image.</summary>
public readonly struct ImageKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "img";
}

/// <summary>An API token.</summary>
public readonly struct TokenKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "tok";
}

/// <summary>An invitation for a machine to join.</summary>
public readonly struct InvitationKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "inv";
}

/// <summary>One repaired or reported difference on a machine.</summary>
public readonly struct DriftKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "drf";
}

/// <summary>A running server's data as a whole: stands in every order and lease.</summary>
public readonly struct InstallationKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "ins";
}

/// <summary>Something that happened.</summary>
public readonly struct EventKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "evt";
}

/// <summary>Durable work of several steps.</summary>
public readonly struct TaskKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "tsk";
}
