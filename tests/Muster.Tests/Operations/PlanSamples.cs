using System.Net.Http.Json;
using Muster.Protocol.Identity;
using Muster.Protocol.Images;
using Muster.Server.Edge;
using Muster.Testing;
using Muster.Tests.Machines;
using Muster.Tests.Objects;

namespace Muster.Tests.Operations;

/// <summary>
/// Arguments with which each change can be planned on a server that <see cref="SeedAsync"/> has prepared, for what holds for every
/// change, whoever wrote it. A new operation adds a line, and what it needs to the seed.
/// </summary>
internal static class PlanSamples
{
    private static readonly SmallImage Image = SmallImage.With("sample");
    private static readonly TaskId OpenTask = TaskId.New(TimeProvider.System), FailedTask = TaskId.New(TimeProvider.System);

    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["Images.Add"] = $$"""{"name":"sample/2","image":"{{Image.Digest}}"}""",
        ["Images.Delete"] = """{"image":"sample/1"}""",
        ["Images.Verify"] = """{"image":"sample/1"}""",
        ["Machines.Delete"] = """{"machine":"sample"}""",
        ["Machines.Edit"] = """{"machine":"sample","name":"other","mode":"monitor","labels":{"role":"web"}}""",
        ["Machines.Invite"] = """{"uses":1,"minutes":60,"name":"new"}""",
        ["Machines.RequireImage"] = """{"machine":"sample","image":"sample/1"}""",
        ["Tasks.Cancel"] = $$"""{"task":"{{OpenTask}}"}""",
        ["Tasks.Retry"] = $$"""{"task":"{{FailedTask}}"}""",
        ["Tokens.Add"] = """{"name":"sample","operations":["Tokens.List"],"days":7}""",
        ["Tokens.Delete"] = """{"token":"kept"}""",
        ["Users.ChangePassword"] = $$"""{"current":"{{MusterServer.AdminPassword}}","new":"another long password"}""",
    };

    /// <summary>An image, a machine (its agent is the answer), a token, a task that waits and one that failed, under the names of the samples.</summary>
    public static async Task<PaperAgent> SeedAsync(MusterServer server, HttpClient admin)
    {
        (await admin.PostAsync("/api/v1/objects/add", Image.Batch)).EnsureSuccessStatusCode();
        (await admin.PostAsJsonAsync("/api/v1/images/add", new AddImage("sample/1", Image.Digest), WireJson.Options)).EnsureSuccessStatusCode();
        (await admin.PostAsJsonAsync("/api/v1/tokens/add", new AddToken("kept", ["Tokens.List"]), WireJson.Options)).EnsureSuccessStatusCode();
        await server.AddTaskAsync(OpenTask, "queued");
        await server.AddTaskAsync(FailedTask, "failed");
        return await PaperAgent.JoinAsync(server, admin, "sample");
    }
}
