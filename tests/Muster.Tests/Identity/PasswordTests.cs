using Muster.Server.Identity;

namespace Muster.Tests.Identity;

public sealed class PasswordTests
{
    private readonly Passwords passwords = new(iterations: 1000);

    [Fact]
    public void Only_the_password_itself_is_right()
    {
        var stored = passwords.Make("correct horse battery");
        Assert.True(passwords.Verify("correct horse battery", stored));
        Assert.False(passwords.Verify("correct horse batterz", stored));
        Assert.False(passwords.Verify("correct horse battery", null));
    }

    [Fact]
    public void An_older_cost_is_still_read_and_known_as_outdated()
    {
        var stored = passwords.Make("correct horse battery");
        Assert.True(new Passwords(iterations: 2000).Verify("correct horse battery", stored));
        Assert.True(new Passwords(iterations: 2000).IsOutdated(stored));
        Assert.False(passwords.IsOutdated(stored));
    }

    [Fact]
    public void Stored_passwords_cost_what_is_recommended() =>
        Assert.StartsWith("pbkdf2-sha512$220000$", new Passwords().Make("x"), StringComparison.Ordinal);
}
