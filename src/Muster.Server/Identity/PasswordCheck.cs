using Muster.Core.Problems;
using Muster.Protocol;

namespace Muster.Server.Identity;

/// <summary>
/// The one way to ask whether what somebody typed is the password. The attempt is counted before it is looked at and forgiven when it was
/// right, so that guesses sent at the same time are no more than guesses sent one after the other. Hashing takes turns: it is
/// expensive on purpose, and anybody may ask for it.
/// </summary>
internal sealed class PasswordCheck(Passwords passwords, LoginThrottle throttle) : IDisposable
{
    private const int AtOnce = 2;
    private const int MostWaiting = 64;

    private readonly SemaphoreSlim turns = new(AtOnce, AtOnce);
    private int waiting;

    /// <param name="account">Whose password.</param>
    /// <param name="from">Where the attempt comes from: an address, or a session.</param>
    /// <param name="typed">What was typed.</param>
    /// <param name="stored">What is kept; null where there is no such account, which takes as long and is wrong.</param>
    public async Task<bool> IsRightAsync(string account, string from, Secret typed, string? stored, CancellationToken cancellationToken)
    {
        throttle.Begin(account, from);
        var right = await InTurnAsync(() => passwords.Verify(typed.Reveal(), stored), cancellationToken);
        if (right)
        {
            throttle.Succeeded(account, from);
        }

        return right;
    }

    public Task<string> MakeAsync(Secret typed, CancellationToken cancellationToken) => InTurnAsync(() => passwords.Make(typed.Reveal()), cancellationToken);

    public bool IsOutdated(string stored) => passwords.IsOutdated(stored);

    public void Dispose() => turns.Dispose();

    private async Task<T> InTurnAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref waiting) > MostWaiting)
            {
                throw new ProblemException(ProblemKind.Throttled, "login.busy", "too many people sign in at this moment: try again in a second") { RetryAfter = TimeSpan.FromSeconds(1) };
            }

            await turns.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }

        try
        {
            return work();
        }
        finally
        {
            turns.Release();
        }
    }
}
