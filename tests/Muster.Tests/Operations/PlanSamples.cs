namespace Muster.Tests.Operations;

/// <summary>
/// Arguments with which each change can be planned, for the proof that planning writes nothing but the plan. A new operation adds a line;
/// a plan that is refused because its object does not exist proves as much.
/// </summary>
internal static class PlanSamples
{
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["Images.Add"] = """{"name":"sample/1","image":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}""",
        ["Images.Delete"] = """{"image":"sample/1"}""",
        ["Machines.Delete"] = """{"machine":"sample"}""",
        ["Machines.Edit"] = """{"machine":"sample","name":"other"}""",
        ["Machines.Invite"] = """{"uses":1}""",
        ["Machines.RequireImage"] = """{"machine":"sample","image":"sample/1"}""",
        ["Tokens.Add"] = """{"name":"sample","operations":["Tokens.List"]}""",
        ["Tokens.Delete"] = """{"token":"kept"}""",
        ["Users.ChangePassword"] = $$"""{"current":"{{Testing.MusterServer.AdminPassword}}","new":"another long password"}""",
    };
}
