namespace Pastry.Tests.Hosting;

/// <summary>Is a clock that fails from some moment on, which nobody who reads it expects.</summary>
internal sealed class BreakableTime : TimeProvider
{
    private volatile bool _isBroken;

    public void Break() => _isBroken = true;

    public override DateTimeOffset GetUtcNow() => _isBroken ? throw new InvalidOperationException("The clock is broken.") : base.GetUtcNow();
}
