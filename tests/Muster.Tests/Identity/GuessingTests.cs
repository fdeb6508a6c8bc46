using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Options;
using Muster.Core.Problems;
using Muster.Protocol.Edge;
using Muster.Protocol.Identity;
using Muster.Server.Edge;
using Muster.Server.Identity;
using Muster.Testing;
using ChangePassword = Muster.Protocol.Identity.ChangePassword;

namespace Muster.Tests.Identity;

/// <summary>Who guesses at passwords waits; whoever they guess at does not.</summary>
public sealed class GuessingTests
{
    private const int Free = 5;

    private readonly MovableTime time = new();
    private readonly LoginThrottle throttle;

    public GuessingTests() => throttle = new LoginThrottle(time, Options.Create(new IdentityOptions { FreeAttempts = Free }));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void An_account_that_is_guessed_at_from_one_place_stays_open_from_others()
    {
        Assert.Equal(Free, AttemptsUntilItWaits("admin", "a"));
        throttle.Begin("admin", "b");
    }

    [Fact]
    public void A_place_that_guesses_at_many_accounts_waits_for_all_of_them()
    {
        for (var account = 0; account < Free * 4; account++)
        {
            throttle.Begin($"account {account}", "a");
        }

        Assert.True(IsThrottled("another", "a"));
        throttle.Begin("another", "b");
    }

    [Fact]
    public void An_account_that_is_guessed_at_from_everywhere_waits_only_seconds()
    {
        GuessFromEverywhere();
        Assert.True(IsThrottled("admin", "new"));
        for (var round = 0; round < 10; round++)
        {
            time.Advance(TimeSpan.FromSeconds(8));
            throttle.Begin("admin", $"later {round}");
        }
    }

    [Fact]
    public void A_place_from_which_the_password_was_right_does_not_wait_for_the_guesses_of_others()
    {
        throttle.Begin("admin", "home");
        throttle.Succeeded("admin", "home");
        GuessFromEverywhere();
        throttle.Begin("admin", "home");
        Assert.True(IsThrottled("admin", "new"));
    }

    [Fact]
    public void A_right_password_takes_its_own_attempt_back_and_no_other_of_its_place()
    {
        for (var account = 0; account < (Free * 4) - 1; account++)
        {
            throttle.Begin($"account {account}", "a");
        }

        for (var time = 0; time < 3; time++)
        {
            throttle.Begin("admin", "a");
            throttle.Succeeded("admin", "a");
        }

        throttle.Begin("last", "a");
        Assert.True(IsThrottled("admin", "a"));
    }

    [Fact]
    public async Task Guesses_sent_at_the_same_time_are_no_more_than_guesses_sent_one_after_the_other()
    {
        await using var server = await MusterServer.StartAsync(time: time);
        using var client = server.CreateClient();
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => client.PostAsJsonAsync("/api/v1/login", new Login("admin", "wrong"), WireJson.Options, Cancellation)));
        Assert.Equal(Free, answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized));
        Assert.Equal(40 - Free, answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task A_stolen_session_does_not_find_out_the_password_neither_by_the_change_nor_by_its_plan()
    {
        await using var server = await MusterServer.StartAsync(time: time);
        using var client = await server.SignInAsync();
        for (var attempt = 0; attempt < Free; attempt++)
        {
            Assert.Equal("arguments.invalid", await ChangeAsync(client, "wrong", attempt % 2 == 0 ? "?plan=true" : ""));
        }

        Assert.Equal("login.throttled", await ChangeAsync(client, MusterServer.AdminPassword, "?plan=true"));
        Assert.Equal("login.throttled", await ChangeAsync(client, MusterServer.AdminPassword, ""));

        // The owner signs in meanwhile.
        using var owner = server.CreateClient();
        await MusterServer.LoginAsync(owner, MusterServer.AdminPassword);
    }

    private static async Task<string> ChangeAsync(HttpClient client, string current, string query)
    {
        var answer = await client.PostAsJsonAsync("/api/v1/users/change-password" + query, new ChangePassword(current, "another long password"), WireJson.Options, Cancellation);
        return (await answer.Content.ReadFromJsonAsync<Problem>(WireJson.Options, Cancellation))!.Code;
    }

    private void GuessFromEverywhere()
    {
        for (var place = 0; place < Free * 20; place++)
        {
            throttle.Begin("admin", $"place {place}");
        }
    }

    private int AttemptsUntilItWaits(string account, string from)
    {
        var count = 0;
        for (; !IsThrottled(account, from); count++)
        {
        }

        return count;
    }

    private bool IsThrottled(string account, string from)
    {
        try
        {
            throttle.Begin(account, from);
            return false;
        }
        catch (ProblemException e) when (e.Kind == ProblemKind.Throttled)
        {
            return true;
        }
    }
}
