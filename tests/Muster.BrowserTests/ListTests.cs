using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Muster.Testing;
using static Microsoft.Playwright.Assertions;

namespace Muster.BrowserTests;

/// <summary>The page kind "list", by the list of machines: a fleet of ten thousand.</summary>
public sealed partial class ListTests(Chromium chromium, ListTests.TenThousand fleet) : IClassFixture<ListTests.TenThousand>
{
    private const string Last = "m-10000";

    [Fact]
    public async Task Of_ten_thousand_rows_only_those_in_view_exist_and_the_last_is_reached()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, "/machines?q=m-");
        await Expect(window.Main.GetByText("10,000 machines")).ToBeVisibleAsync();
        Assert.InRange(await window.Page.Locator("tbody tr").CountAsync(), 10, 100);

        // Pages come as one scrolls on; a person keeps scrolling.
        await window.Page.WaitForFunctionAsync($"() => {{ const main = document.getElementById('main'); main.scrollTo(0, main.scrollHeight); return main.innerText.includes('{Last}'); }}");
        await Expect(window.Link(Last)).ToBeVisibleAsync();
        Assert.InRange(await window.Page.Locator("tbody tr").CountAsync(), 10, 100);

        await window.Button("Name").ClickAsync();
        // Another order begins at its beginning.
        await Expect(window.Page.Locator("tbody tr").First).ToContainTextAsync(Last);
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task What_a_list_shows_stands_in_its_address_and_Back_undoes_it()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, "/machines");
        await window.Button("State").ClickAsync();
        // Each value says how many it would leave.
        await Expect(window.Page.GetByRole(AriaRole.Menuitem).Filter(new() { HasText = "drifted" })).ToContainTextAsync("2,500");
        await window.Page.GetByRole(AriaRole.Menuitem).Filter(new() { HasText = "drifted" }).ClickAsync();
        await Expect(window.Page).ToHaveURLAsync(State());
        await Expect(window.Main.GetByText("2,500 machines")).ToBeVisibleAsync();
        await window.Page.Keyboard.PressAsync("Escape");

        await window.Button("Labels").ClickAsync();
        await window.Page.GetByRole(AriaRole.Menuitem).Filter(new() { HasText = "role=web" }).ClickAsync();
        await Expect(window.Main.GetByText("1,250 machines")).ToBeVisibleAsync();
        await window.Page.Keyboard.PressAsync("Escape");
        await window.Button("Name").ClickAsync();
        await window.Button("Columns").ClickAsync();
        await window.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Mode" }).ClickAsync();
        await window.Page.Keyboard.PressAsync("Escape");
        await Expect(window.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Mode" })).ToBeVisibleAsync();

        // The same address shows the same in another window.
        var address = window.Page.Url;
        await window.Page.GotoAsync("/tokens");
        await window.Page.GotoAsync(address);
        await Expect(window.Main.GetByText("1,250 machines")).ToBeVisibleAsync();
        await Expect(window.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Mode" })).ToBeVisibleAsync();
        await Expect(window.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Name" })).ToHaveAttributeAsync("aria-sort", "descending");

        await window.Button("Name").ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Name" })).ToHaveAttributeAsync("aria-sort", "ascending");
        await window.Page.GoBackAsync();
        await Expect(window.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Name" })).ToHaveAttributeAsync("aria-sort", "descending");
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task A_view_is_saved_under_a_name_opened_again_and_forgotten()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, "/machines?state=drifted&sort=-name");
        await Expect(window.Main.GetByText("2,500 machines")).ToBeVisibleAsync();
        await window.ChooseAsync("Saved views", "Save this view");
        await window.Dialog.GetByLabel("Name").FillAsync("what drifted");
        await window.Button("Save").ClickAsync();

        await window.Page.GotoAsync("/machines");
        await window.ChooseAsync("Saved views", "what drifted");
        await Expect(window.Main.GetByText("2,500 machines")).ToBeVisibleAsync();
        await Expect(window.Page).ToHaveURLAsync(State());

        await window.ChooseAsync("Saved views", "Forget what drifted");
        await window.Button("Saved views").ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Menuitem, new() { Name = "what drifted" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Every_row_that_matches_is_exported_and_none_of_them_is_a_formula()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, "/machines?q=1%2B1");
        await Expect(window.Main.GetByText("2 machines")).ToBeVisibleAsync();
        var download = await window.Page.RunAndWaitForDownloadAsync(() => window.Button("Export these rows as CSV").ClickAsync());
        var lines = await File.ReadAllLinesAsync(await download.PathAsync(), TestContext.Current.CancellationToken);
        Assert.Equal("machines.csv", download.SuggestedFilename);
        Assert.StartsWith("Name,State,Why,", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("'=1+1,in sync,", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("a 1+1,in sync,", lines[2], StringComparison.Ordinal);
        Assert.Equal(3, lines.Length);

        // Half an answer is not an export.
        await window.Page.RouteAsync("**/api/v1/machines/list*", route => route.FulfillAsync(Refusals.Database));
        await window.Button("Export these rows as CSV").ClickAsync();
        await Expect(window.Main.GetByText("The machines cannot be exported")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_one_does_to_many_says_the_number_and_keeps_what_was_done_when_a_part_moves()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, "/machines?q=bulk-");
        await Expect(window.Main.GetByText("10 machines")).ToBeVisibleAsync();
        await window.Button("Select rows").ClickAsync();
        await window.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Select all 10 that match" }).ClickAsync();
        // What destroys stands apart.
        await Expect(window.Page.GetByRole(AriaRole.Region, new() { Name = "Selected rows" }).GetByRole(AriaRole.Button).Last).ToHaveTextAsync("Delete (10)");
        await window.Button("Edit (10)").ClickAsync();
        await window.Dialog.GetByLabel("monitor").CheckAsync();
        await Expect(window.Button("Save (10)")).ToBeEnabledAsync();

        using var admin = await fleet.Server.SignInAsync();
        await ApiAsync(admin, "machines/edit", """{"machine":"bulk-01","labels":{"role":"other"}}""");
        await ApiAsync(admin, "machines/delete", """{"machine":"bulk-02"}""");
        await window.Button("Save (10)").ClickAsync();

        await Expect(window.Dialog.GetByText("8 of 10 applied already")).ToBeVisibleAsync();
        await Expect(window.Dialog.GetByText("The world moved, so this was planned again")).ToBeVisibleAsync();
        await Expect(window.Dialog.GetByText("there is no machine 'bulk-02'")).ToBeVisibleAsync();
        await window.Button("Save (1)").ClickAsync();
        await Expect(window.Dialog.GetByText("Applied 9 of 10")).ToBeVisibleAsync();
        await window.Dialog.GetByText("Close", new() { Exact = true }).ClickAsync();
        await window.Page.GotoAsync("/machines?q=bulk-&columns=name,mode");
        await Expect(window.Row("monitor")).ToHaveCountAsync(9);
    }

    private static async Task ApiAsync(HttpClient admin, string path, string json)
    {
        using var body = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        (await admin.PostAsync("/api/v1/" + path, body)).EnsureSuccessStatusCode();
    }

    [GeneratedRegex("state=drifted")]
    private static partial Regex State();

    /// <summary>Ten thousand machines, a quarter of them drifted, every second a web server, and two with arithmetic in their names.</summary>
    public sealed class TenThousand : IAsyncLifetime
    {
        internal MusterServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Server = await Site.StartAsync();
            var machines = Enumerable.Range(1, 10_000).Select(number => new MadeUpMachine($"m-{number:d5}", number % 4 == 0 ? "drifted" : "inSync", Role: number % 8 < 4 ? "web" : "db"));
            // What changes things changes these, or the others would count differently after it.
            var bulk = Enumerable.Range(1, 10).Select(number => new MadeUpMachine($"bulk-{number:d2}"));
            await new MadeUpMachines(Server).AddAsync([.. machines, .. bulk, new("=1+1"), new("a 1+1")]);
        }

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
