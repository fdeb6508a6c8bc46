using Microsoft.Playwright;
using Muster.Testing;
using static Microsoft.Playwright.Assertions;

namespace Muster.BrowserTests;

/// <summary>Loading, failing, and having nothing to show.</summary>
public sealed class TroubleTests(Chromium chromium) : IAsyncLifetime
{
    private MusterServer server = null!;

    public async ValueTask InitializeAsync() => server = await Site.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_list_is_a_skeleton_then_rows_and_without_hits_offers_to_clear_the_filter()
    {
        await new MadeUpMachines(server).AddAsync(new MadeUpMachine("db-1"));
        await using var window = await Window.SignedInAsync(chromium, server, "/tokens");
        await Expect(window.Heading("API tokens")).ToBeVisibleAsync();
        var release = new TaskCompletionSource();
        await window.Page.RouteAsync("**/api/v1/machines/list*", async route =>
        {
            await release.Task;
            await route.ContinueAsync();
        });
        await window.Page.GotoAsync("/machines?q=nothing-like-it");
        await Expect(window.Page.GetByLabel("Machines, loading")).ToBeVisibleAsync();
        release.SetResult();
        await Expect(window.Page.GetByText("No machine matches")).ToBeVisibleAsync();
        Assert.Empty(await Axe.FindSeriousAsync(window.Page));
        await window.Main.GetByRole(AriaRole.Button, new() { Name = "Clear all filters" }).Last.ClickAsync();
        await Expect(window.Link("db-1")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_failure_replaces_only_its_part_with_cause_code_and_Retry()
    {
        await new MadeUpMachines(server).AddAsync(new MadeUpMachine("db-1"));
        await using var window = await Window.SignedInAsync(chromium, server, "/tokens");
        await Expect(window.Heading("API tokens")).ToBeVisibleAsync();
        await window.Page.RouteAsync("**/api/v1/machines/list*", route => route.FulfillAsync(Refusals.Database));
        await window.Page.GotoAsync("/machines");
        await Expect(window.Main.GetByText("the database does not answer")).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await Expect(window.Main.GetByText("database.unavailable")).ToBeVisibleAsync();
        Assert.Empty(await Axe.FindSeriousAsync(window.Page));

        // What cannot be searched is not said to be empty.
        await window.Page.Keyboard.PressAsync("/");
        await window.Page.Keyboard.TypeAsync("db");
        await Expect(window.Page.GetByText("Machines cannot be searched").First).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await window.Page.Keyboard.PressAsync("Escape");

        await window.Page.UnrouteAllAsync();
        await window.Button("Retry").ClickAsync();
        await Expect(window.Link("db-1")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_empty_product_explains_what_would_be_there_and_offers_the_first_step()
    {
        await using var window = await Window.SignedInAsync(chromium, server, "/");
        await Expect(window.Page.GetByText("Your fleet begins with one machine")).ToBeVisibleAsync();
        var findings = new List<string>(await Axe.FindSeriousAsync(window.Page));
        foreach (var (address, says) in new[]
        {
            ("/machines", "No machine has joined yet"), ("/images", "No image yet"), ("/tasks", "No tasks"), ("/drift", "Nothing has drifted"), ("/conditions", "No lasting trouble"), ("/tokens", "No tokens"),
        })
        {
            await window.Page.GotoAsync(address);
            await Expect(window.Main.GetByText(says)).ToBeVisibleAsync();
            findings.AddRange(await Axe.FindSeriousAsync(window.Page));
        }

        await window.Page.GotoAsync("/machines");
        await window.Button("Join a machine").ClickAsync();
        await Expect(window.Dialog.GetByText("Invite a machine")).ToBeVisibleAsync();
        Assert.Empty(findings);
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task An_address_that_leads_nowhere_says_so()
    {
        await using var window = await Window.SignedInAsync(chromium, server, "/nowhere");
        await Expect(window.Heading("There is no such page")).ToBeVisibleAsync();
        await window.Page.GotoAsync("/machines/nobody");
        await Expect(window.Page.GetByText("This machine is not here")).ToBeVisibleAsync();
        await window.Page.GotoAsync("/images/no/such/image");
        await Expect(window.Page.GetByText("This image is not here")).ToBeVisibleAsync();
    }
}
