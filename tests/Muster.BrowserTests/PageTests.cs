using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Muster.BrowserTests;

/// <summary>What holds for every page: anybody can use it, on a phone too, in the dark too, and its address shows it again.</summary>
public sealed class PageTests(Chromium chromium, Fleet fleet) : IAsyncLifetime
{
    private static readonly (string Address, string Heading)[] Pages =
    [
        ("/", "Overview"),
        ("/machines", "Machines"),
        ($"/machines/{Fleet.Machine}", Fleet.Machine),
        ($"/machines/{Fleet.Machine}?tab=drift", Fleet.Machine),
        ($"/machines/{Fleet.Machine}?tab=differences", Fleet.Machine),
        ("/images", "Images"),
        ($"/images/{Fleet.NewImage}", Fleet.NewImage),
        ($"/images/{Fleet.NewImage}?tab=files&path=/srv", Fleet.NewImage),
        ($"/images/{Fleet.NewImage}?tab=files&file=/etc/hosts", Fleet.NewImage),
        ($"/images/{Fleet.NewImage}?tab=diff&from={Fleet.OldImage}", Fleet.NewImage),
        ("/drift", "Drift"),
        ("/conditions", "Conditions"),
        ("/tokens", "API tokens"),
    ];

    public async ValueTask InitializeAsync() => await fleet.EnsureAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Every_page_is_without_serious_findings_and_fits(bool dark, bool phone)
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, dark: dark, phone: phone);
        await Expect(window.Heading("Overview")).ToBeVisibleAsync();
        var findings = new List<string>();
        foreach (var (address, heading) in Pages)
        {
            await window.Page.GotoAsync(address);
            await Expect(window.Heading(heading)).ToBeVisibleAsync();
            await Expect(window.Page.Locator("[aria-busy=true]")).ToHaveCountAsync(0);
            findings.AddRange((await Axe.FindSeriousAsync(window.Page)).Select(found => $"{address}: {found}"));
            if (await window.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > innerWidth || document.getElementById('main').scrollWidth > innerWidth"))
            {
                findings.Add($"{address}: is wider than the window");
            }

            if (address is "/" or "/machines")
            {
                await window.SavePictureAsync((address == "/" ? "overview" : "machines") + (dark ? "-dark" : "") + (phone ? "-phone" : ""));
            }
        }

        Assert.Empty(findings);
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task A_file_of_an_image_is_shown_and_compared_line_by_line()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, $"/images/{Fleet.NewImage}?tab=files");
        await window.Link("etc").ClickAsync();
        await window.Link("hosts").ClickAsync();
        await Expect(window.Page.GetByText("10.0.0.3 cache")).ToBeVisibleAsync();
        await window.Page.GoBackAsync();
        await Expect(window.Link("motd")).ToBeVisibleAsync();

        await window.Page.GotoAsync($"/images/{Fleet.NewImage}?tab=diff&from={Fleet.OldImage}");
        await window.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "/etc/hosts" }).GetByRole(AriaRole.Button, new() { Name = "Show lines" }).ClickAsync();
        await Expect(window.Page.GetByText("- 10.0.0.1 db")).ToBeVisibleAsync();
        await Expect(window.Page.GetByText("+ 10.0.0.3 cache")).ToBeVisibleAsync();
        await window.SavePictureAsync("compare");
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task A_name_that_is_not_text_is_shown_escaped()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, $"/images/{Fleet.NewImage}?tab=files&path=/srv");
        await window.Link(@"caf\xE9.txt").ClickAsync();
        await Expect(window.Page.GetByText("The file is empty.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Everything_is_found_from_the_keyboard()
    {
        await using var window = await Window.SignedInAsync(chromium, fleet.Server, "/tokens");
        await Expect(window.Heading("API tokens")).ToBeVisibleAsync();
        await window.Page.Keyboard.PressAsync("/");
        await window.Page.Keyboard.TypeAsync("web-1");
        await Expect(window.Page.GetByRole(AriaRole.Menuitem).Filter(new() { HasText = Fleet.Machine })).ToBeVisibleAsync();
        await window.Page.Keyboard.PressAsync("Enter");
        await Expect(window.Heading(Fleet.Machine)).ToBeVisibleAsync();

        await window.Page.Locator("#main").FocusAsync();
        await window.Page.Keyboard.PressAsync("g");
        await window.Page.Keyboard.PressAsync("i");
        await Expect(window.Heading("Images")).ToBeVisibleAsync();
    }
}
