namespace P2P.Past;

/// <summary>Lets a broker's decisions be made one after the other, each of them kept or not made at all.</summary>
internal interface IBrokerBooks : IAsyncDisposable
{
    /// <summary>Decides; what was decided is durable when the call returns.</summary>
    /// <param name="decide">The decision, which is made once or, where the disk refuses others, more than once, of which one counts.</param>
    /// <exception cref="PastException">The disk refuses; nothing was decided.</exception>
    ValueTask<T> RunAsync<T>(Func<BrokerDesk, T> decide);
}
