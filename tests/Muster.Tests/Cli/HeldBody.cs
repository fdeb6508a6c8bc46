using System.Net;

namespace Muster.Tests.Cli;

/// <summary>A request's body of which half is sent, and the rest when the test says so.</summary>
internal sealed class HeldBody(byte[] content) : HttpContent
{
    private readonly TaskCompletionSource halfSent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource rest = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task HalfSent => halfSent.Task;

    public void SendRest() => rest.TrySetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(content.AsMemory(0, content.Length / 2));
        await stream.FlushAsync();
        halfSent.TrySetResult();
        await rest.Task;
        await stream.WriteAsync(content.AsMemory(content.Length / 2));
    }

    protected override bool TryComputeLength(out long length)
    {
        length = content.Length;
        return true;
    }
}

/// <summary>The real clock, which tells when somebody begins to wait for exactly this long.</summary>
internal sealed class WaitNoticingTime(TimeSpan wait) : TimeProvider
{
    private readonly TaskCompletionSource noticed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Noticed => noticed.Task;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == wait)
        {
            noticed.TrySetResult();
        }

        return base.CreateTimer(callback, state, dueTime, period);
    }
}
