using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Muster.Server.Identity;

/// <summary>
/// Passwords at rest: <c>pbkdf2-sha512$ITERATIONS$SALT$HASH</c>. .NET has no Argon2id; the iterations are those OWASP asks for
/// PBKDF2-HMAC-SHA512. The stored text names its parameters, so they can grow: an older one is made anew at the next login.
/// </summary>
internal sealed class Passwords
{
    private const string Scheme = "pbkdf2-sha512";
    private const int Recommended = 220_000;
    private const int Salt = 16;
    private const int Hash = 32;

    // Compared against when there is no such user, so that the answer takes as long.
    private readonly Lazy<string> nobody;
    private readonly int iterations;

    /// <param name="iterations">Fewer only where passwords guard nothing: in tests.</param>
    public Passwords(int iterations = Recommended)
    {
        this.iterations = iterations;
        nobody = new Lazy<string>(() => Make(OneTime()));
    }

    /// <summary>For what a person typed, <see cref="PasswordCheck"/> does both of these in turn.</summary>
    public string Make(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(Salt);
        return string.Create(CultureInfo.InvariantCulture, $"{Scheme}${iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Derive(password, salt, iterations))}");
    }

    /// <summary>Whether the password is right. Without a stored one it takes as long, and is wrong.</summary>
    public bool Verify(string password, string? stored)
    {
        var parts = (stored ?? nobody.Value).Split('$');
        var expected = Convert.FromBase64String(parts[3]);
        var actual = Derive(password, Convert.FromBase64String(parts[2]), int.Parse(parts[1], CultureInfo.InvariantCulture));
        return CryptographicOperations.FixedTimeEquals(expected, actual) && stored is not null;
    }

    public bool IsOutdated(string stored) => !stored.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{Scheme}${iterations}$"), StringComparison.Ordinal);

    /// <summary>A password of 100 bits that a person can type: no letters that look alike.</summary>
    public static string OneTime() => RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 20);

    private static byte[] Derive(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA512, Hash);
}
