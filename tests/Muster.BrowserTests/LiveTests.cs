using Microsoft.Playwright;
using Muster.Testing;
using static Microsoft.Playwright.Assertions;

namespace Muster.BrowserTests;

/// <summary>What a page does while the world goes on, and while it cannot see it.</summary>
public sealed class LiveTests(Chromium chromium) : IAsyncLifetime
{
    // Rows flash by an animation that nothing else uses.
    private const string CountFlashes = "() => { window.flashes = 0; const animate = Element.prototype.animate; Element.prototype.animate = function (...how) { if (this.tagName === 'TR') window.flashes += 1; return animate.apply(this, how); }; }";

    private readonly TemporaryFolder folder = new();
    private MusterServer server = null!;
    private MadeUpMachines machines = null!;

    public async ValueTask InitializeAsync()
    {
        server = await Site.StartAsync(folder.Path);
        machines = new MadeUpMachines(server);
        await machines.AddAsync(new("db-1"), new("db-2"), new("db-3", "drifted"));
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_changed_row_flashes_once_where_it_stands_and_new_rows_are_announced()
    {
        await using var window = await Window.SignedInAsync(chromium, server, "/machines?sort=state");
        await window.Page.EvaluateAsync(CountFlashes);
        await Expect(window.Row("db-3")).ToContainTextAsync("drifted");
        await machines.ChangeAsync("db-1", "failed");
        await Expect(window.Row("db-1")).ToContainTextAsync("failed");
        Assert.Equal(1, await window.Page.EvaluateAsync<int>("window.flashes"));
        Assert.Equal(["db-3", "db-1", "db-2"], await NamesAsync(window));

        await machines.AddAsync(new MadeUpMachine("db-0", "drifted"));
        await window.Button("1 new: show").ClickAsync();
        await Expect(window.Row("db-0")).ToBeVisibleAsync();
        Assert.Equal(["db-3", "db-0"], (await NamesAsync(window)).Take(2).OrderDescending());

        await DeleteAsync("db-2");
        await window.Button("1 no longer here: show").ClickAsync();
        await Expect(window.Row("db-2")).ToHaveCountAsync(0);
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task A_page_outlives_the_server_and_goes_on_when_it_is_back()
    {
        await using var window = await Window.SignedInAsync(chromium, server, "/machines");
        await Expect(window.Row("db-1")).ToContainTextAsync("in sync");
        var port = server.Port;
        await server.DisposeAsync();
        await Expect(window.Page.GetByText("No connection to the server since")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await Expect(window.Row("db-1")).ToBeVisibleAsync();
        Assert.Empty(await Axe.FindSeriousAsync(window.Page));

        server = await Site.StartAsync(folder.Path, port);
        machines = new MadeUpMachines(server);
        await window.Button("Try now").ClickAsync();
        await Expect(window.Page.GetByText("No connection to the server since")).ToHaveCountAsync(0);
        await machines.ChangeAsync("db-1", "failed");
        await Expect(window.Row("db-1")).ToContainTextAsync("failed");
    }

    [Fact]
    public async Task A_session_that_ended_leads_to_signing_in_and_back_to_the_same_page()
    {
        await using var window = await Window.SignedInAsync(chromium, server, "/machines");
        await Expect(window.Row("db-1")).ToBeVisibleAsync();
        using var admin = await server.SignInAsync();
        using var change = new StringContent($$"""{"current":"{{MusterServer.AdminPassword}}","new":"another good password"}""", System.Text.Encoding.UTF8, "application/json");
        (await admin.PostAsync("/api/v1/users/change-password", change)).EnsureSuccessStatusCode();

        await Expect(window.Heading("Sign in")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await window.SignInAsync("another good password");
        await Expect(window.Row("db-1")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_link_to_a_machine_survives_its_renaming_and_says_when_it_is_deleted()
    {
        await using var window = await Window.SignedInAsync(chromium, server, "/machines");
        await window.Link("db-1").ClickAsync();
        await Expect(window.Heading("db-1")).ToBeVisibleAsync();
        await PostAsync("machines/edit", """{"machine":"db-1","name":"db-one"}""");
        await Expect(window.Heading("db-one")).ToBeVisibleAsync();
        await window.Page.ReloadAsync();
        await Expect(window.Heading("db-one")).ToBeVisibleAsync();

        await DeleteAsync("db-one");
        await Expect(window.Page.GetByText("This machine is not here")).ToBeVisibleAsync();
        await Expect(window.Page.GetByText("in sync")).ToHaveCountAsync(0);
        await window.Button("All machines").ClickAsync();
        await Expect(window.Heading("Machines")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_does_not_answer_is_never_shown_as_good()
    {
        await machines.ChangeAsync("db-1", "inSync", "unreachable");
        await machines.ChangeAsync("db-2", "inSync", "reconnecting");
        await using var window = await Window.SignedInAsync(chromium, server, "/");
        // Every machine is in one tile: the others add up to the first.
        var tiles = window.Page.GetByRole(AriaRole.Navigation, new() { Name = "Machines by state" });
        await Expect(tiles.GetByRole(AriaRole.Link, new() { Name = "1 in sync" })).ToBeVisibleAsync();
        await Expect(tiles.GetByRole(AriaRole.Link, new() { Name = "1 unreachable" })).ToBeVisibleAsync();
        var numbers = (await tiles.Locator(".mu-tile-number").AllInnerTextsAsync()).Select(text => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(numbers[0], numbers.Skip(1).Sum());
        await Expect(window.Main.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "db-1" })).ToContainTextAsync("unreachable");

        await window.Page.GotoAsync("/machines");
        await Expect(window.Row("db-1")).ToContainTextAsync("unreachable");
        await Expect(window.Row("db-1")).Not.ToContainTextAsync("in sync");
        await Expect(window.Row("db-2")).ToContainTextAsync("reconnecting");
        await Expect(window.Row("db-2").Locator(".pf-m-success, .pf-m-green")).ToHaveCountAsync(0);
        await window.Link("db-1").ClickAsync();
        await Expect(window.Heading("db-1")).ToBeVisibleAsync();
        await Expect(window.Main.GetByText("in sync", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(window.Main.Locator(".pf-m-success, .pf-m-green")).ToHaveCountAsync(0);
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(Window window) => await window.Page.Locator("tbody tr a.mu-main-link").AllInnerTextsAsync();

    private Task DeleteAsync(string machine) => PostAsync("machines/delete", $$"""{"machine":"{{machine}}"}""");

    private async Task PostAsync(string path, string json)
    {
        using var admin = await server.SignInAsync();
        using var body = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        (await admin.PostAsync("/api/v1/" + path, body)).EnsureSuccessStatusCode();
    }
}
