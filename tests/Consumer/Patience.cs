namespace Consumer;

/// <summary>Ends a test for which nothing comes any more.</summary>
internal sealed class Patience : IDisposable
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(1));

    public static implicit operator CancellationToken(Patience patience) => patience._limit.Token;

    public void Dispose() => _limit.Dispose();
}
