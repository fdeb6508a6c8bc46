using System.Text.Json.Serialization;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Protocol.Images;
using Muster.Protocol.Operations;

namespace Muster.Protocol.Machines;

/// <summary>What Muster does on a machine. Never two at once.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MachineMode>))]
public enum MachineMode
{
    /// <summary>The machine is kept exactly like its image.</summary>
    [JsonStringEnumMemberName("image")]
    Image,

    /// <summary>Differences are reported, nothing is changed.</summary>
    [JsonStringEnumMemberName("monitor")]
    Monitor,
}

/// <summary>How a machine stands to what is wanted of it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MachineState>))]
public enum MachineState
{
    /// <summary>Nothing is known yet, or nothing is wanted.</summary>
    [JsonStringEnumMemberName("unknown")]
    Unknown,

    /// <summary>Its managed tree has the wanted digest.</summary>
    [JsonStringEnumMemberName("inSync")]
    InSync,

    /// <summary>It differs and nobody works on it (mode monitor, or paused).</summary>
    [JsonStringEnumMemberName("drifted")]
    Drifted,

    /// <summary>It is told and has not begun.</summary>
    [JsonStringEnumMemberName("planned")]
    Planned,

    /// <summary>It fetches objects.</summary>
    [JsonStringEnumMemberName("fetching")]
    Fetching,

    /// <summary>It puts files in place.</summary>
    [JsonStringEnumMemberName("updating")]
    Updating,

    /// <summary>It could not become like its image; a condition says why.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>It refuses what it is told; a condition says why.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,
}

/// <summary>Whether a machine's agent talks to us.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MachineLink>))]
public enum MachineLink
{
    /// <summary>Its session is open.</summary>
    [JsonStringEnumMemberName("connected")]
    Connected,

    /// <summary>Its stream broke less than 90 s ago.</summary>
    [JsonStringEnumMemberName("reconnecting")]
    Reconnecting,

    /// <summary>Silent for 90 s.</summary>
    [JsonStringEnumMemberName("unreachable")]
    Unreachable,
}

/// <summary>Rules of machine names.</summary>
public static class MachineName
{
    /// <summary>1 to 253 characters: letters, digits, dots and hyphens, as host names are.</summary>
    public static bool IsValid(string? name) =>
        name is { Length: > 0 and <= 253 } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') && char.IsAsciiLetterOrDigit(name[0]);

    /// <summary>Adds a fault unless <paramref name="name"/> is a machine name.</summary>
    public static void Check(Faults faults, string argument, string? name) =>
        faults.Require(IsValid(name), argument, "a machine's name: letters, digits, dots and hyphens, at most 253");
}

/// <summary>Machines.Invite: makes a join line. Its answer is shown once.</summary>
/// <param name="Uses">How many machines may join with it.</param>
/// <param name="Minutes">How long it works.</param>
/// <param name="Name">Name the machine gets; null for its host name. Only with one use.</param>
public sealed record InviteMachine(int Uses = 1, int Minutes = 60, string? Name = null) : IArguments
{
    /// <inheritdoc/>
    public void Validate(Faults faults)
    {
        faults.Require(Uses is >= 1 and <= 10_000, "uses", "a number from 1 to 10000");
        faults.Require(Minutes is >= 1 and <= 43_200, "minutes", "a number from 1 to 43200 (30 days)");
        if (Name is not null)
        {
            MachineName.Check(faults, "name", Name);
            faults.Require(Uses == 1, "name", "only an invitation for one machine can name it");
        }
    }
}

/// <summary>The line that joins a machine, shown once.</summary>
/// <param name="Line">To paste as root on the machine (decision 18); holds the token.</param>
/// <param name="Token">The secret in it.</param>
/// <param name="Script">Address of the script, for those who read before they run.</param>
/// <param name="Pins">SHA-256 pins of the server's public-name keys, now and next.</param>
/// <param name="ExpiresAt">Until when the line works.</param>
public sealed record Invitation(InvitationId Id, Secret Line, Secret Token, string Script, IReadOnlyList<string> Pins, DateTimeOffset ExpiresAt);

/// <summary>Machines.RequireImage: the machine must be exactly like this image.</summary>
/// <param name="Machine">Name or id.</param>
/// <param name="Image">Name of the image; null to want nothing of the machine.</param>
public sealed record RequireImage(string Machine, string? Image) : IArguments
{
    /// <inheritdoc/>
    public void Validate(Faults faults)
    {
        MachineName.Check(faults, "machine", Machine);
        if (Image is not null)
        {
            ImageName.Check(faults, "image", Image);
        }
    }
}

/// <summary>Machines.Edit: changes name, mode or labels; null leaves a member as it is.</summary>
/// <param name="Machine">Name or id.</param>
/// <param name="Name">New name.</param>
/// <param name="Mode">Enforce or only report.</param>
/// <param name="Labels">All labels, replacing the present ones.</param>
public sealed record EditMachine(string Machine, string? Name = null, MachineMode? Mode = null, IReadOnlyDictionary<string, string>? Labels = null) : IArguments
{
    /// <inheritdoc/>
    public void Validate(Faults faults)
    {
        MachineName.Check(faults, "machine", Machine);
        if (Name is not null)
        {
            MachineName.Check(faults, "name", Name);
        }

        faults.Require(Name is not null || Mode is not null || Labels is not null, "name", "at least one of name, mode and labels");
        foreach (var (key, value) in Labels ?? new Dictionary<string, string>())
        {
            faults.Require(value is not null && key.Length is > 0 and <= 63 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '/') && value.Length <= 253,
                "labels", $"'{key}': a key of letters, digits and . - _ / (at most 63), a value of at most 253 characters");
        }
    }
}

/// <summary>Machines.Delete: forgets the machine and revokes its certificate. Nothing on the machine changes.</summary>
public sealed record DeleteMachine(string Machine) : IArguments
{
    /// <inheritdoc/>
    public void Validate(Faults faults) => MachineName.Check(faults, "machine", Machine);
}

/// <summary>Machines.List.</summary>
public sealed record ListMachines : CountedListArguments
{
    /// <summary>Only machines that are shown in one of these states (comma-separated): what a machine was before it became <c>unreachable</c> is old news.</summary>
    public string? State { get; init; }

    /// <summary>Only machines with this link: connected, reconnecting, unreachable.</summary>
    public string? Link { get; init; }

    /// <summary>Only machines with these labels: <c>role=web,env=prod</c>. Several values of one label mean any of them.</summary>
    public string? Labels { get; init; }

    /// <summary>Only machines that require one of these images (comma-separated).</summary>
    public string? Image { get; init; }
}

/// <summary>Machines.Show.</summary>
public sealed record ShowMachine(string Machine) : IArguments
{
    /// <inheritdoc/>
    public void Validate(Faults faults) => MachineName.Check(faults, "machine", Machine);
}

/// <summary>Machines.Drift: what was found different and what was done about it, newest first.</summary>
public sealed record ListDrift : CountedListArguments
{
    /// <summary>Only of these machines (names or ids, comma-separated); null for all.</summary>
    public string? Machine { get; init; }

    /// <summary>Only with one of these outcomes (comma-separated): restored, reported, war, failed.</summary>
    public string? Outcome { get; init; }
}

/// <summary>Machines.Differences: how the machine's managed tree differs from its required image now.</summary>
public sealed record ListDifferences(string Machine) : CountedListArguments
{
    /// <summary>Compare with this image instead of the required one: what requiring it would change.</summary>
    public string? Image { get; init; }

    /// <summary>Only these (comma-separated): added (on the machine only), removed (in the image only), changed.</summary>
    public string? Kind { get; init; }

    /// <inheritdoc/>
    public override void Validate(Faults faults)
    {
        base.Validate(faults);
        MachineName.Check(faults, "machine", Machine);
        DifferenceKinds.Check(faults, "kind", Kind);
        if (Image is not null)
        {
            ImageName.Check(faults, "image", Image);
        }
    }
}

/// <summary>Conditions.List: lasting troubles, the worst first.</summary>
public sealed record ListConditions : CountedListArguments
{
    /// <summary>Only of these machines (names or ids, comma-separated); null for all.</summary>
    public string? Machine { get; init; }

    /// <summary>Only of one of these severities (comma-separated): error, warning, info.</summary>
    public string? Severity { get; init; }
}

/// <summary>A machine in a list.</summary>
/// <param name="Why">One line: why it is in this state.</param>
/// <param name="SeenAt">Age of the facts.</param>
public sealed record MachineSummary(
    MachineId Id, string Name, MachineMode Mode, MachineState State, MachineLink Link, string Why,
    ObjectName? RequiredImage, long Differences, int Conditions, string? WorstSeverity,
    IReadOnlyDictionary<string, string> Labels, string? Address, string? AgentVersion, DateTimeOffset JoinedAt, DateTimeOffset? SeenAt);

/// <summary>A machine with everything about it: wanted beside seen.</summary>
public sealed record MachineDetails(MachineSummary Summary, MachineFacts? Facts, WantedDetails Wanted, SeenDetails? Seen, IReadOnlyList<ConditionDetails> Conditions, CertificateDetails Certificate);

/// <summary>What a machine is asked to be.</summary>
/// <param name="Order">Number of the order that says so.</param>
public sealed record WantedDetails(ObjectName? Image, Digest? Tree, MachineMode Mode, long Order, DateTimeOffset? Since);

/// <summary>What was last observed.</summary>
/// <param name="Order">The newest order the agent has carried out.</param>
/// <param name="Progress">What it is doing, while it does.</param>
public sealed record SeenDetails(Digest? Tree, long Order, long Entries, long Files, long Bytes, long Missing, long Extra, long Changed, AgentProgress? Progress, UpdateDetails? LastUpdate, DateTimeOffset At);

/// <summary>Progress of long work.</summary>
/// <param name="Phase">scanning, fetching, staging, applying, verifying.</param>
public sealed record AgentProgress(string Phase, long Done, long Total, string Unit, string? Text);

/// <summary>How the last update went.</summary>
/// <param name="AppliedMicroseconds">From the order's arrival until all files were in place.</param>
/// <param name="WindowMicroseconds">How long the tree was neither the old nor the new.</param>
public sealed record UpdateDetails(long Order, long AppliedMicroseconds, long VerifiedMicroseconds, long WindowMicroseconds, long Files, long Bytes, DateTimeOffset At);

/// <summary>What the agent says of its host.</summary>
public sealed record MachineFacts(string HostName, string OperatingSystem, string Kernel, string Architecture, int Processors, long MemoryBytes, string RootFileSystem, bool Events, bool Culprits, IReadOnlyList<string> Features, long CacheBytes, long CacheLimitBytes);

/// <summary>A lasting trouble.</summary>
public sealed record ConditionDetails(string Code, string Severity, string Title, string Text, string Cure, DateTimeOffset Since);

/// <summary>A lasting trouble and what has it.</summary>
public sealed record ObjectCondition(ObjectName Object, string Code, string Severity, string Title, string Text, string Cure, DateTimeOffset Since);

/// <summary>A machine's certificate.</summary>
public sealed record CertificateDetails(string Serial, DateTimeOffset NotBefore, DateTimeOffset NotAfter);

/// <summary>One thing that was found different, who did it, and what came of it.</summary>
/// <param name="What">created, deleted, changed, moved.</param>
/// <param name="Facets">content, mode, owner, time, target, device, xattrs, kind, hardLink.</param>
/// <param name="Outcome">restored, reported, war (not restored any more: something keeps changing it), failed.</param>
/// <param name="Microseconds">From the event until it was restored; null if not known (found by a scan) or not restored.</param>
/// <param name="FoundBy">event or scan.</param>
/// <param name="Sentence">For people: "Restored /etc/motd 14 ms after vim (alice) changed it."</param>
public sealed record DriftDetails(
    DriftId Id, MachineId Machine, string MachineName, TreePath Path, string Shown, string What, IReadOnlyList<string> Facets,
    string Outcome, long? Microseconds, string FoundBy, Culprit? Culprit, string Sentence, DateTimeOffset At);

/// <summary>Who changed a file. Members that are not known are null: unknown is said as unknown.</summary>
/// <param name="Process">Short name of the process.</param>
/// <param name="Executable">Its file.</param>
/// <param name="CommandLine">As started, at most 4,096 characters.</param>
/// <param name="Login">Who signed in, through sudo and su (audit login id); null without a login.</param>
/// <param name="User">On whose behalf it ran.</param>
/// <param name="Unit">systemd unit.</param>
/// <param name="Container">Container id.</param>
/// <param name="Parents">Chain of parents, nearest first.</param>
/// <param name="Source">audit, proc or both.</param>
public sealed record Culprit(int Pid, string? Process, string? Executable, string? CommandLine, string? Login, string? User, string? Unit, string? Container, IReadOnlyList<string> Parents, string Source);
