using Microsoft.Playwright;
using Muster.Testing;
using static Microsoft.Playwright.Assertions;

namespace Muster.BrowserTests;

/// <summary>What holds for every page: anybody can use it, on a phone too, in the dark too, and its address shows it again.</summary>
[Collection(Fleet.Name)]
public sealed class PageTests(Chromium chromium, Fleet fleet) : IAsyncLifetime
{
    private static readonly (string Address, string Heading)[] Pages =
    [
        ("/", "Overview"),
        ("/machines", "Machines"),
        ($"/machines/{Fleet.Machine}", Fleet.Machine),
        ($"/machines/{Fleet.Machine}?tab=drift", Fleet.Machine),
        ($"/machines/{Fleet.Machine}?tab=differences", Fleet.Machine),
        ($"/machines/{Fleet.Machine}?tab=activity", Fleet.Machine),
        ("/images", "Images"),
        ($"/images/{Fleet.NewImage}", Fleet.NewImage),
        ($"/images/{Fleet.NewImage}?tab=files&path=/srv", Fleet.NewImage),
        ($"/images/{Fleet.NewImage}?tab=files&file=/etc/hosts", Fleet.NewImage),
        ($"/images/{Fleet.NewImage}?tab=diff&from={Fleet.OldImage}", Fleet.NewImage),
        ($"/images/{Fleet.NewImage}?tab=diff&from={Fleet.OldImage}&file=/etc/hosts", Fleet.NewImage),
        ("/tasks", "Tasks"),
        ("/drift", "Drift"),
        ("/conditions", "Conditions"),
        ("/tokens", "API tokens"),
    ];

    // Those that the documents show.
    private static readonly Dictionary<(string Address, bool Dark, bool Phone), string> Pictures = new()
    {
        [("/", true, true)] = "overview-dark-phone",
        [("/machines", false, false)] = "machines",
        [("/machines", false, true)] = "machines-phone",
    };

    public async ValueTask InitializeAsync() => await fleet.EnsureAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Every_page_is_without_serious_findings_and_fits(bool dark, bool phone)
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, dark: dark, phone: phone, height: 1000);
        await Expect(window.Heading("Overview")).ToBeVisibleAsync();
        var findings = new List<string>();
        foreach (var (address, heading) in Pages.Append(($"/tasks/{fleet.Verified}", $"Verify image {Fleet.OldImage}")))
        {
            await window.Page.GotoAsync(address);
            await Expect(window.Heading(heading)).ToBeVisibleAsync();
            await window.SettledAsync();
            findings.AddRange((await Axe.FindSeriousAsync(window.Page)).Select(found => $"{address}: {found}"));
            if (await window.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > innerWidth || document.getElementById('main').scrollWidth > innerWidth"))
            {
                findings.Add($"{address}: is wider than the window");
            }

            if (Pictures.TryGetValue((address, dark, phone), out var picture))
            {
                await window.Page.SetViewportSizeAsync(phone ? 360 : 1280, address == "/" ? 760 : 960);
                await window.SavePictureAsync(picture);
            }
        }

        Assert.True(findings.Count == 0, string.Join('\n', findings));
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task A_file_of_an_image_is_shown_and_compared_line_by_line()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, $"/images/{Fleet.NewImage}?tab=files");
        await window.Row("etc").GetByRole(AriaRole.Link, new() { Name = "etc", Exact = true }).ClickAsync();
        // The tree beside it has opened down to where one stands.
        await Expect(window.Page.GetByRole(AriaRole.Navigation, new() { Name = "Directories" }).GetByRole(AriaRole.Link, new() { Name = "apt" })).ToBeVisibleAsync();
        await window.Main.GetByLabel("Filter entries").FillAsync("hosts");
        await window.Link("hosts").ClickAsync();
        await Expect(window.Page.GetByText("10.0.0.3 cache")).ToBeVisibleAsync();
        await window.Page.GoBackAsync();
        await Expect(window.Link("hosts")).ToBeVisibleAsync();

        await window.Page.GotoAsync($"/images/{Fleet.NewImage}?tab=diff&from={Fleet.OldImage}");
        await Expect(window.Row("/etc/app/app.conf")).ToContainTextAsync("0600");
        await window.SavePictureAsync("compare");
        await window.Link("/etc/hosts").ClickAsync();
        await Expect(window.Page.GetByText("- 10.0.0.1 db")).ToBeVisibleAsync();
        await Expect(window.Page.GetByText("+ 10.0.0.3 cache")).ToBeVisibleAsync();
        await Expect(window.Page.GetByRole(AriaRole.List, new() { Name = "Sides" })).ToContainTextAsync($"before {Fleet.OldImage}");
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task Menus_and_forms_are_without_serious_findings_in_light_and_dark()
    {
        var findings = new List<string>();
        foreach (var dark in (bool[])[false, true])
        {
            await using var window = await Window.OpenAsync(chromium, fleet.Server, dark);
            async Task CheckAsync(string what) => findings.AddRange((await Axe.FindSeriousAsync(window.Page)).Select(found => $"{what}, {(dark ? "dark" : "light")}: {found}"));
            await window.Page.GotoAsync("/machines");
            await Expect(window.Heading("Sign in")).ToBeVisibleAsync();
            await CheckAsync("signing in");
            await window.SignInAsync(MusterServer.AdminPassword);
            foreach (var menu in (string[])["admin, your menu", "Tasks: none running", "State", "Columns", "Saved views", "Select rows", $"Actions for {Fleet.Machine}"])
            {
                await window.Button(menu).First.ClickAsync();
                await Expect(window.Page.GetByRole(AriaRole.Menu).First).ToBeVisibleAsync();
                await CheckAsync(menu);
                await window.Page.Keyboard.PressAsync("Escape");
            }

            foreach (var (address, button) in new[] { ("/machines", "Join a machine"), ("/tokens", "Make a token") })
            {
                await window.Page.GotoAsync(address);
                await window.Button(button).First.ClickAsync();
                await Expect(window.Dialog).ToBeVisibleAsync();
                await window.SettledAsync();
                await CheckAsync(button);
            }
        }

        Assert.True(findings.Count == 0, string.Join('\n', findings));
    }

    [Fact]
    public async Task A_name_that_is_not_text_is_shown_escaped()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, $"/images/{Fleet.NewImage}?tab=files&path=/srv");
        await window.Link(@"caf\xE9.txt").ClickAsync();
        await Expect(window.Page.GetByText("The file is empty.")).ToBeVisibleAsync();
    }
}
