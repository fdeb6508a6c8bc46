using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Muster.Testing;
using static Microsoft.Playwright.Assertions;

namespace Muster.BrowserTests;

/// <summary>One real machine, from the page: what drifts on it, and what is wanted of it.</summary>
[Collection(Fleet.Name)]
public sealed partial class MachineTests(Chromium chromium, Fleet fleet) : IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await fleet.EnsureAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    [Requirement("DM-002")]
    public async Task Drift_appears_while_one_looks_with_how_long_it_lasted_and_who_did_it()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, $"/machines/{Fleet.Machine}?tab=drift", height: 1000);
        await Expect(window.Heading(Fleet.Machine)).ToBeVisibleAsync();
        await Expect(window.Main.GetByText("in sync", new() { Exact = true }).First).ToBeVisibleAsync();

        await fleet.ChangeAsAliceAsync("/etc/motd", "broken");

        // Beside older drift it is announced, so that nothing moves under the pointer.
        var news = window.Page.GetByRole(AriaRole.Button, new() { NameRegex = News() });
        await Expect(news.Or(window.Main.GetByText(Restored())).First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        if (await news.IsVisibleAsync())
        {
            await news.ClickAsync();
        }

        await Expect(window.Main.GetByText(Restored()).First).ToBeVisibleAsync();
        Assert.Equal("Welcome\n", await File.ReadAllTextAsync(fleet.PathOf("/etc/motd"), TestContext.Current.CancellationToken));
        await window.Button("Details of /etc/motd").First.ClickAsync();
        await Expect(window.Main.GetByText("tee, pid").First).ToBeVisibleAsync();
        await window.Page.GetByRole(AriaRole.Tab, new() { Name = "Activity" }).ClickAsync();
        await Expect(window.Main.GetByText(Restored()).First).ToBeVisibleAsync();

        await window.Page.GetByRole(AriaRole.Tab, new() { Name = "Overview" }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Name = "Latest drift" })).ToBeVisibleAsync();
        await Expect(window.Main.GetByText(Restored()).First).ToBeVisibleAsync();
        await window.SavePictureAsync("drift");
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task A_monitored_machine_shows_what_differs_and_is_left_alone()
    {
        var cancel = TestContext.Current.CancellationToken;
        await fleet.Muster.AskAsync(["machines", "edit", Fleet.Machine, "--mode", "monitor", "--yes"], cancel);
        await using (var window = await Window.SignedInAsync(chromium, fleet.Server, $"/machines/{Fleet.Machine}?tab=differences"))
        {
            await Expect(window.Main.GetByText("monitored")).ToBeVisibleAsync();
            await Command.RunAsync("chmod", "0640", fleet.PathOf("/etc/motd"));
            await Expect(window.Row("/etc/motd")).ToBeVisibleAsync(new() { Timeout = 60_000 });
            await Expect(window.Row("/etc/motd")).ToContainTextAsync("mode");
            await Expect(window.Row("/etc/motd")).ToContainTextAsync("0640");
            await Expect(window.Main.GetByText("drifted").First).ToBeVisibleAsync();
            Assert.Empty(await Axe.FindSeriousAsync(window.Page));
        }

        await fleet.Muster.AskAsync(["machines", "edit", Fleet.Machine, "--mode", "image", "--yes"], cancel);
        await fleet.Muster.AskAsync(["machines", "require-image", Fleet.Machine, Fleet.NewImage, "--yes", "--wait"], cancel);
    }

    [Fact]
    public async Task An_image_is_required_through_its_plan_and_the_machine_follows_live()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, $"/machines/{Fleet.Machine}", height: 1000);
        await window.Button("Require image").ClickAsync();
        await window.Dialog.GetByRole(AriaRole.Combobox).FillAsync("2026-11-20");
        // Faster than the answer: Enter means what is typed.
        await window.Dialog.GetByRole(AriaRole.Combobox).PressAsync("Enter");

        // The whole change stands there before anything has changed, path by path.
        await Expect(window.Dialog.GetByRole(AriaRole.Deletion)).ToHaveTextAsync(Fleet.NewImage);
        await Expect(window.Dialog.GetByRole(AriaRole.Insertion)).ToHaveTextAsync(Fleet.OldImage);
        var paths = window.Dialog.GetByRole(AriaRole.Region, new() { Name = "Paths that change" });
        await Expect(paths.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "old.conf" }).Last).ToContainTextAsync("created");
        await Expect(paths.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "app.conf" }).Last).ToContainTextAsync("mode 0600 → 0644");
        await Expect(paths.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "default" }).Last).ToContainTextAsync("deleted");
        await Expect(window.Button("Require")).ToBeEnabledAsync();
        Assert.Empty(await Axe.FindSeriousAsync(window.Page));
        await window.SavePictureAsync("plan");
        await window.Button("Require").ClickAsync();
        await Expect(window.Dialog.GetByText("Applied")).ToBeVisibleAsync();
        await Expect(window.Dialog.GetByRole(AriaRole.List, new() { Name = "Machines, live" }).GetByText("in sync")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        Assert.DoesNotContain("cache", await File.ReadAllTextAsync(fleet.PathOf("/etc/hosts"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await fleet.Muster.AskAsync(["machines", "require-image", Fleet.Machine, Fleet.NewImage, "--yes", "--wait"], TestContext.Current.CancellationToken);
        await window.Dialog.GetByText("Close", new() { Exact = true }).ClickAsync();
        await Expect(window.Main.GetByRole(AriaRole.Link, new() { Name = Fleet.NewImage }).First).ToBeVisibleAsync();
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task An_image_finds_its_machines_from_its_own_page()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, "/images/build/7");
        await window.Button("Require on machines").ClickAsync();
        await window.Dialog.GetByLabel("Find machines").FillAsync(Fleet.Idle);
        await window.Dialog.GetByLabel(Fleet.Idle).CheckAsync();
        await Expect(window.Dialog.GetByRole(AriaRole.Insertion)).ToHaveTextAsync("build/7");
        await Expect(window.Button("Require")).ToBeEnabledAsync();
        Assert.Empty(await Axe.FindSeriousAsync(window.Page));
        await window.Button("Cancel").ClickAsync();
        await window.Page.GetByRole(AriaRole.Tab, new() { Name = "Activity" }).ClickAsync();
        await Expect(window.Main.GetByText("build/7 was added.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_image_is_verified_from_its_page_and_one_goes_on_to_watch_it()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, $"/images/{Fleet.NewImage}");
        await window.Button("Verify").ClickAsync();
        await Expect(window.Dialog.GetByText("To read")).ToBeVisibleAsync();
        await Expect(window.Dialog.GetByRole(AriaRole.Button, new() { Name = "Verify", Exact = true })).ToBeEnabledAsync();
        Assert.Empty(await Axe.FindSeriousAsync(window.Page));
        await window.Dialog.GetByRole(AriaRole.Button, new() { Name = "Verify", Exact = true }).ClickAsync();

        await Expect(window.Heading($"Verify image {Fleet.NewImage}")).ToBeVisibleAsync();
        await Expect(window.Main.GetByText("Done just now, took")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(window.Main.GetByRole(AriaRole.Log)).ToContainTextAsync("different contents of");
        await Expect(window.Main.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Read its files' content" })).ToContainTextAsync("done");
        Assert.Empty(await Axe.FindSeriousAsync(window.Page));
        await window.SavePictureAsync("task");

        // It leads back to what it was about, where it is remembered.
        await window.Link(Fleet.NewImage).ClickAsync();
        await Expect(window.Heading(Fleet.NewImage)).ToBeVisibleAsync();
        await window.Page.GetByRole(AriaRole.Tab, new() { Name = "Activity" }).ClickAsync();
        await Expect(window.Main.GetByText($"{Fleet.NewImage} was verified: all of it is sound.").First).ToBeVisibleAsync();
        await Expect(window.Link($"Verify image {Fleet.NewImage}").First).ToBeVisibleAsync();
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task A_plan_that_the_world_overtook_is_made_again_in_place()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, $"/machines/{Fleet.Machine}");
        await window.Button("Edit").ClickAsync();
        await window.Dialog.GetByLabel("Labels").FillAsync("role=web");
        await Expect(window.Dialog.GetByText("1 change")).ToBeVisibleAsync();
        await fleet.Muster.AskAsync(["machines", "edit", Fleet.Machine, "--labels", "role=db", "--yes"], TestContext.Current.CancellationToken);

        await window.Button("Save").ClickAsync();
        await Expect(window.Dialog.GetByText("The world moved, so this was planned again")).ToBeVisibleAsync();
        await Expect(window.Dialog.GetByText(", is ")).ToBeVisibleAsync();
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

    [GeneratedRegex(@"^Restored /etc/motd .* after tee \(alice\) ")]
    private static partial Regex Restored();

    [GeneratedRegex(@"^\d+ new: show$")]
    private static partial Regex News();
}
