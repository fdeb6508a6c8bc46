using Muster.Core.Problems;

namespace Muster.Server.Edge;

/// <summary>Something without which the server cannot do its work: throws what is wrong with it. May be asked at any time, and leaves nothing behind.</summary>
internal sealed record ReadinessCheck(Func<CancellationToken, Task> RequireAsync);

/// <summary>Whether the server can do its work now. Looking costs writes and anybody may ask, so what was seen is said again for a few seconds.</summary>
internal sealed class Readiness(IEnumerable<ReadinessCheck> checks, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim looking = new(1, 1);
    private DateTimeOffset looked;
    private ProblemException? wrong;

    public async Task RequireAsync(CancellationToken cancellationToken)
    {
        await looking.WaitAsync(cancellationToken);
        try
        {
            if (time.GetUtcNow() - looked >= Kept)
            {
                wrong = await LookAsync(cancellationToken);
                looked = time.GetUtcNow();
            }
        }
        finally
        {
            looking.Release();
        }

        if (wrong is not null)
        {
            throw new ProblemException(wrong.Kind, wrong.Code, wrong.Message, wrong);
        }
    }

    public void Dispose() => looking.Dispose();

    private async Task<ProblemException?> LookAsync(CancellationToken cancellationToken)
    {
        foreach (var check in checks)
        {
            try
            {
                await check.RequireAsync(cancellationToken);
            }
            catch (ProblemException e)
            {
                return e;
            }
        }

        return null;
    }
}
