using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Muster.Testing;
using static Microsoft.Playwright.Assertions;

namespace Muster.BrowserTests;

public sealed partial class MachineTests(Chromium chromium, Fleet fleet) : IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await fleet.EnsureAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    [Requirement("DM-002")]
    public async Task Drift_appears_while_one_looks_with_how_long_it_lasted_and_who_did_it()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, $"/machines/{Fleet.Machine}?tab=drift");
        await Expect(window.Heading(Fleet.Machine)).ToBeVisibleAsync();
        await Expect(window.Page.GetByRole(AriaRole.Main).GetByText("in sync", new() { Exact = true }).First).ToBeVisibleAsync();

        await Command.RunAsync("bash", "-c", $"echo broken > '{fleet.PathOf("/etc/motd")}'; read -r -t 1 < <(sleep 1) || true");

        await Expect(window.Page.GetByText(Restored()).First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        Assert.Equal("Welcome\n", await File.ReadAllTextAsync(fleet.PathOf("/etc/motd"), TestContext.Current.CancellationToken));
        await window.Page.GetByRole(AriaRole.Tab, new() { Name = "Overview" }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Name = "Latest drift" })).ToBeVisibleAsync();
        await window.Page.SetViewportSizeAsync(1280, 1060);
        await window.SavePictureAsync("machine");
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task An_image_is_required_through_its_plan_and_the_machine_follows_live()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, $"/machines/{Fleet.Machine}");
        await window.Button("Require image").ClickAsync();
        await window.Dialog.GetByRole(AriaRole.Combobox).FillAsync("2026-11-20");
        await window.Page.GetByRole(AriaRole.Option, new() { Name = Fleet.OldImage }).ClickAsync();

        // The whole change stands there before anything has changed.
        await Expect(window.Dialog.GetByRole(AriaRole.Deletion)).ToHaveTextAsync(Fleet.NewImage);
        await Expect(window.Dialog.GetByRole(AriaRole.Insertion)).ToHaveTextAsync(Fleet.OldImage);
        await Expect(window.Button("Require")).ToBeEnabledAsync();
        await window.SavePictureAsync("plan");
        await window.Button("Require").ClickAsync();
        await Expect(window.Dialog.GetByText("Applied")).ToBeVisibleAsync();
        await Expect(window.Dialog.GetByRole(AriaRole.List, new() { Name = "Machines, live" }).GetByText("in sync")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        Assert.DoesNotContain("cache", await File.ReadAllTextAsync(fleet.PathOf("/etc/hosts"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await fleet.Muster.AskAsync(["machines", "require-image", Fleet.Machine, Fleet.NewImage, "--yes", "--wait"], TestContext.Current.CancellationToken);
        await window.Dialog.GetByText("Close", new() { Exact = true }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Main).GetByText("10 files").Or(window.Link(Fleet.NewImage)).First).ToBeVisibleAsync();
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task A_plan_that_the_world_overtook_is_made_again_in_place()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, $"/machines/{Fleet.Machine}");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "More actions" }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Edit" }).ClickAsync();
        await window.Dialog.GetByLabel("Labels").FillAsync("role=web");
        await Expect(window.Dialog.GetByText("1 change")).ToBeVisibleAsync();
        await fleet.Muster.AskAsync(["machines", "edit", Fleet.Machine, "--labels", "role=db", "--yes"], TestContext.Current.CancellationToken);

        await window.Button("Save").ClickAsync();
        await Expect(window.Dialog.GetByText("The world moved, so this was planned again")).ToBeVisibleAsync();
        await window.Button("Save").ClickAsync();
        await Expect(window.Dialog.GetByText("Applied")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Deleting_asks_for_the_name()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, "/machines");
        await window.ChooseAsync($"Actions for {Fleet.Machine}", "Delete");
        await Expect(window.Dialog.GetByText("deleted", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(window.Button("Delete")).ToBeDisabledAsync();
        await window.Dialog.GetByLabel("To go on, type").FillAsync("web-1");
        await Expect(window.Button("Delete")).ToBeDisabledAsync();
        await window.Dialog.GetByLabel("To go on, type").FillAsync(Fleet.Machine);
        await Expect(window.Button("Delete")).ToBeEnabledAsync();
        await window.Button("Cancel").ClickAsync();
        await Expect(window.Link(Fleet.Machine)).ToBeVisibleAsync();
    }

    [GeneratedRegex(@"^Restored /etc/motd .* after ")]
    private static partial Regex Restored();
}
