using Microsoft.Playwright;
using Muster.Testing;
using static Microsoft.Playwright.Assertions;

namespace Muster.BrowserTests;

public sealed class SigningInTests(Chromium chromium)
{
    [Fact]
    [Requirement("W-050")]
    public async Task The_one_time_password_must_be_changed_before_anything_else()
    {
        await using var server = await Site.StartAsync();
        await using var window = await Window.OpenAsync(chromium, server);
        await window.Page.GotoAsync("/tokens");
        await window.SignInAsync(server.OneTimePassword!);

        await Expect(window.Heading("Choose a password")).ToBeVisibleAsync();
        Assert.Empty(await Axe.FindSeriousAsync(window.Page));
        await window.Page.Locator("#wanted").FillAsync(MusterServer.AdminPassword);
        await window.Page.GetByLabel("New password, again").FillAsync(MusterServer.AdminPassword);
        await window.Button("Change password").ClickAsync();

        // The address that was asked for, not a start page.
        await Expect(window.Heading("API tokens")).ToBeVisibleAsync();
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task A_wrong_password_is_said_and_nothing_is_shown()
    {
        await using var server = await Site.StartAsync();
        await using var window = await Window.OpenAsync(chromium, server);
        await window.Page.GotoAsync("/");
        await window.SignInAsync("not the password");

        await Expect(window.Page.GetByText("name or password is wrong")).ToBeVisibleAsync();
        await Expect(window.Heading("Sign in")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Signing_out_ends_the_session()
    {
        await using var server = await Site.StartAsync();
        await using var window = await Window.SignedInAsync(chromium, server);
        await window.ChooseAsync("admin, your menu", "Sign out");
        await Expect(window.Heading("Sign in")).ToBeVisibleAsync();
        await window.Page.GotoAsync("/tokens");
        await Expect(window.Heading("Sign in")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_theme_follows_the_system_until_the_person_chooses()
    {
        await using var server = await Site.StartAsync();
        await using var window = await Window.SignedInAsync(chromium, server, "/tokens", dark: true);
        var dark = window.Page.Locator("html.pf-v6-theme-dark");
        await Expect(dark).ToHaveCountAsync(1);

        await window.ChooseAsync("admin, your menu", "Light");
        await Expect(dark).ToHaveCountAsync(0);
        await window.Page.ReloadAsync();
        await Expect(window.Heading("API tokens")).ToBeVisibleAsync();
        await Expect(dark).ToHaveCountAsync(0);
    }
}
