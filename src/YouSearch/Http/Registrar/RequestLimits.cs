using System.Net;
using System.Threading.RateLimiting;
using P2P.YouServ;

namespace P2P.YouSearch.Http;

/// <summary>Bounds how often one address, and one user, is answered.</summary>
internal sealed class RequestLimits(int addressPerSecond, int userPerSecond) : IDisposable
{
    private const int BurstSeconds = 10;

    // Who has a network of IPv6 has at least this many bits of it.
    private const int NetworkBytes = 8;

    private readonly PartitionedRateLimiter<IPAddress> _byAddress = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address => RateLimitPartition.GetTokenBucketLimiter(address, _ => Bucket(addressPerSecond)));
    private readonly PartitionedRateLimiter<UserId> _byUser = PartitionedRateLimiter.Create<UserId, UserId>(user => RateLimitPartition.GetTokenBucketLimiter(user, _ => Bucket(userPerSecond)));

    public bool TryTake(IPAddress address)
    {
        using var lease = _byAddress.AttemptAcquire(NetworkOf(address));
        return lease.IsAcquired;
    }

    public bool TryTake(UserId user)
    {
        using var lease = _byUser.AttemptAcquire(user);
        return lease.IsAcquired;
    }

    public void Dispose()
    {
        _byAddress.Dispose();
        _byUser.Dispose();
    }

    private static IPAddress NetworkOf(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var bytes = plain.GetAddressBytes();
        bytes.AsSpan(Math.Min(NetworkBytes, bytes.Length)).Clear();
        return new IPAddress(bytes);
    }

    private static TokenBucketRateLimiterOptions Bucket(int perSecond) => new()
    {
        TokenLimit = perSecond * BurstSeconds,
        TokensPerPeriod = perSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    };
}
