using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Muster.Testing;
using Muster.Testing.Agents;
using static Microsoft.Playwright.Assertions;

namespace Muster.BrowserTests;

/// <summary>The page kind "plan drawer": every change is read before it happens.</summary>
public sealed partial class PlanTests(Chromium chromium) : IAsyncLifetime
{
    private MusterServer server = null!;
    private MadeUpMachines machines = null!;

    public async ValueTask InitializeAsync()
    {
        server = await Site.StartAsync();
        machines = new MadeUpMachines(server);
        await machines.AddAsync(new("db-1"), new("db-2"));
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_plan_is_copied_as_a_command_line_and_downloaded_and_leaves_with_its_page()
    {
        await using var window = await Window.SignedInAsync(chromium, server, "/machines");
        await window.Link("db-1").ClickAsync();
        await window.Button("Edit").ClickAsync();
        await window.Dialog.GetByLabel("monitor").CheckAsync();
        await Expect(window.Dialog.GetByRole(AriaRole.Insertion)).ToHaveTextAsync("monitor");
        await window.Dialog.GetByText("Copy as CLI").ClickAsync();
        await Expect(window.Dialog.GetByText("Copied")).ToBeVisibleAsync();
        Assert.Equal("muster machines edit db-1 --mode monitor --yes", await window.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));

        var download = await window.Page.RunAndWaitForDownloadAsync(() => window.Dialog.GetByText("Download JSON").ClickAsync());
        using var plan = JsonDocument.Parse(await File.ReadAllTextAsync(await download.PathAsync(), TestContext.Current.CancellationToken));
        Assert.Equal("Machines.Edit", plan.RootElement.GetProperty("operation").GetString());
        Assert.Empty(await Axe.FindSeriousAsync(window.Page));

        await window.Page.GoBackAsync();
        await Expect(window.Heading("Machines")).ToBeVisibleAsync();
        await Expect(window.Dialog).ToHaveCountAsync(0);
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task A_refused_apply_says_so_and_is_planned_again_then_a_delete_is_carried_out()
    {
        await using var window = await Window.SignedInAsync(chromium, server, "/machines");
        await window.ChooseAsync("Actions for db-1", "Delete");
        await window.Dialog.GetByLabel("To go on, type").FillAsync("db-1");
        await window.Page.RouteAsync("**/api/v1/plans/*/apply", route => route.FulfillAsync(Refusals.Denied));
        await window.Button("Delete").ClickAsync();
        await Expect(window.Dialog.GetByText("Cannot be applied")).ToBeVisibleAsync();
        await Expect(window.Dialog.GetByText("you may not use Machines.Delete")).ToBeVisibleAsync();
        await window.Page.UnrouteAllAsync();

        await window.Button("Plan it again").ClickAsync();
        await Expect(window.Dialog.GetByText("Cannot be applied")).ToHaveCountAsync(0);
        await window.Button("Delete").ClickAsync();
        await Expect(window.Dialog.GetByText("Applied")).ToBeVisibleAsync();
        await window.Dialog.GetByText("Close", new() { Exact = true }).ClickAsync();
        await window.Page.ReloadAsync();
        await Expect(window.Row("db-2")).ToBeVisibleAsync();
        await Expect(window.Row("db-1")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_machine_is_invited_through_a_plan_and_its_joining_is_seen()
    {
        await using var window = await Window.SignedInAsync(chromium, server, "/machines");
        await window.Button("Join a machine").ClickAsync();
        await window.Dialog.GetByLabel("Name").FillAsync("db-9");
        await Expect(window.Dialog.GetByText("Invite db-9 to join within 1 h")).ToBeVisibleAsync();
        Assert.Empty(await Axe.FindSeriousAsync(window.Page));
        await window.Button("Make the line").ClickAsync();
        var line = window.Dialog.GetByLabel("Join line");
        await Expect(line).ToHaveValueAsync(JoinLine());
        Assert.Empty(await Axe.FindSeriousAsync(window.Page));

        using var folder = new TemporaryFolder();
        var words = JoinLine().Match(await line.InputValueAsync());
        var start = new System.Diagnostics.ProcessStartInfo(AgentProcess.Program, ["join", "--server", server.BaseAddress.GetLeftPart(UriPartial.Authority), "--pin", words.Groups[1].Value, "--state", folder.Path]);
        start.Environment["MUSTER_JOIN"] = words.Groups[2].Value;
        using var join = System.Diagnostics.Process.Start(start)!;
        await join.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, join.ExitCode);

        // The link belongs to the drawer, and takes the person out of it.
        await window.Dialog.GetByRole(AriaRole.Link, new() { Name = "db-9" }).ClickAsync();
        await Expect(window.Heading("db-9")).ToBeVisibleAsync();
        await Expect(window.Dialog).ToHaveCountAsync(0);
        await window.Page.GetByRole(AriaRole.Tab, new() { Name = "Activity" }).ClickAsync();
        await Expect(window.Main.GetByText("It joined.")).ToBeVisibleAsync();
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task A_password_is_changed_through_its_plan()
    {
        await using var window = await Window.SignedInAsync(chromium, server, "/machines");
        await window.ChooseAsync("admin, your menu", "Change password");
        await window.Dialog.GetByLabel("Current password").FillAsync("not it at all");
        await window.Dialog.Locator("#wanted").FillAsync("another good password");
        await window.Dialog.GetByLabel("New password, again").FillAsync("another good password");
        await Expect(window.Dialog.GetByText("is not your current password").First).ToBeVisibleAsync();
        await window.Dialog.GetByLabel("Current password").FillAsync(MusterServer.AdminPassword);
        await window.Button("Change password").ClickAsync();
        await Expect(window.Dialog.GetByText("Applied")).ToBeVisibleAsync();
        await window.Dialog.GetByText("Close", new() { Exact = true }).ClickAsync();
        await window.ChooseAsync("admin, your menu", "Sign out");
        await window.SignInAsync("another good password");
        await Expect(window.Heading("Machines")).ToBeVisibleAsync();
    }

    [GeneratedRegex(@"--pinnedpubkey '([^;']+)[^']*' \S+ \| MUSTER_JOIN=(\S+) sh")]
    private static partial Regex JoinLine();
}
