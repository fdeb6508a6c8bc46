using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Muster.Testing;
using static Microsoft.Playwright.Assertions;

namespace Muster.BrowserTests;

/// <summary>Everything by keyboard, and nothing by accident.</summary>
public sealed partial class KeyboardTests(Chromium chromium) : IAsyncLifetime
{
    private MusterServer server = null!;

    public async ValueTask InitializeAsync()
    {
        server = await Site.StartAsync();
        var drifted = new MadeUpMachine("db-2", "drifted");
        var machines = new MadeUpMachines(server);
        await machines.AddAsync(new("db-1"), drifted, new("web-1"));
        await machines.DriftAsync(drifted, "/etc/motd");
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Rows_pages_times_and_help_have_keys()
    {
        await using var window = await Window.SignedInAsync(chromium, server, "/machines");
        await Expect(window.Row("db-1")).ToBeVisibleAsync();
        await window.Page.Locator("#main").FocusAsync();
        await window.Page.Keyboard.PressAsync("j");
        await Expect(window.Link("db-1")).ToBeFocusedAsync();
        await window.Page.Keyboard.PressAsync("j");
        await Expect(window.Link("db-2")).ToBeFocusedAsync();
        await window.Page.Keyboard.PressAsync("k");
        await Expect(window.Link("db-1")).ToBeFocusedAsync();

        // Ages are tooltips to no one without a mouse: a key turns all of them into exact times.
        await window.Page.Keyboard.PressAsync("x");
        await Expect(window.Row("db-1").GetByRole(AriaRole.Time)).ToHaveTextAsync(ExactTime());
        await window.Page.Keyboard.PressAsync("x");
        await Expect(window.Row("db-1").GetByRole(AriaRole.Time)).Not.ToHaveTextAsync(ExactTime());

        await window.Page.Keyboard.PressAsync("?");
        await Expect(window.Dialog.GetByText("Go to Conditions")).ToBeVisibleAsync();
        Assert.Empty(await Axe.FindSeriousAsync(window.Page));
        await window.Page.Keyboard.PressAsync("Escape");
        await Expect(window.Dialog).ToHaveCountAsync(0);
        await window.Page.Keyboard.PressAsync("g");
        await window.Page.Keyboard.PressAsync("d");
        await Expect(window.Heading("Drift")).ToBeVisibleAsync();
        await window.Button("Details of /etc/motd").ClickAsync();
        await Expect(window.Main.GetByText("vim, pid 4711")).ToBeVisibleAsync();
        await Expect(window.Main.GetByText("bash ← sshd")).ToBeVisibleAsync();
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task Search_opens_what_is_typed_and_knows_commands()
    {
        await using var window = await Window.SignedInAsync(chromium, server, "/tokens");
        await Expect(window.Heading("API tokens")).ToBeVisibleAsync();
        var search = window.Page.GetByLabel("Search machines, images, tasks and commands");
        await search.FillAsync("db");
        await Expect(window.Page.GetByRole(AriaRole.Menuitem).Filter(new() { HasText = "db-1" })).ToBeVisibleAsync();

        // Faster than the answer: what stands there is still about the letters before.
        await search.FillAsync("web-1");
        await search.PressAsync("Enter");
        await Expect(window.Heading("web-1")).ToBeVisibleAsync();

        // What was closed is not opened by Enter.
        await search.FillAsync("db-2");
        await search.PressAsync("Escape");
        await search.PressAsync("Enter");
        await search.FillAsync("invite");
        await search.PressAsync("Enter");
        await Expect(window.Dialog.GetByText("Invite a machine")).ToBeVisibleAsync();
        await Expect(window.Page).ToHaveURLAsync(Joining());
        await window.Page.GoBackAsync();
        await Expect(window.Heading("web-1")).ToBeVisibleAsync();
        await Expect(window.Dialog).ToHaveCountAsync(0);
        Assert.Empty(window.Errors);
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d CES?T$")]
    private static partial Regex ExactTime();

    [GeneratedRegex(@"/machines\?join=$")]
    private static partial Regex Joining();
}
