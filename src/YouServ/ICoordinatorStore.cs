namespace P2P.YouServ;

/// <summary>
/// Keeps what coordinators must not forget. Several coordinators may share one store, each of which may stop at any moment: what a method has completed is durable,
/// and seen by all. Two are in the box, <see cref="SqliteCoordinatorStore"/> within one process and <see cref="PostgresCoordinatorStore"/> for several.
/// </summary>
/// <remarks>
/// For any number of callers at once; each method is made as a whole or not at all. A store that cannot be reached throws a <see cref="System.Data.Common.DbException"/>: peers and people are
/// told then to try again, and whatever else it throws is taken for a fault of the coordinator's.
/// </remarks>
public interface ICoordinatorStore : ISiteStore, ICopyStore, ISessionStore, IAccountStore, IAsyncDisposable
{
    /// <summary>The clock by which leases and sessions end; one for all that share the store, however wrong their own clocks are.</summary>
    TimeProvider Clock { get; }

    /// <summary>Whether others may write to it: then changes are looked for, also those that nobody here made.</summary>
    bool IsShared { get; }

    /// <summary>Gives a secret that all coordinators share, and makes it at the first time.</summary>
    /// <param name="name">What the secret is for.</param>
    /// <param name="create">Makes one; not called when it is there. Where several make one at the same time, one is kept.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The secret that is kept, the same for all and for good.</returns>
    ValueTask<byte[]> GetOrAddSecretAsync(string name, Func<byte[]> create, CancellationToken cancellationToken = default);
}
