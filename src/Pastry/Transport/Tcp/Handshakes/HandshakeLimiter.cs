using System.Net;
using System.Net.Sockets;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>
/// Bounds what strangers may cost: handshakes at a time in all and from one address, and those that one address begins per second.
/// </summary>
internal sealed class HandshakeLimiter(TcpTransportOptions options)
{
    private const int AddressesMax = 65536;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Bucket> _buckets = [];
    private int _ongoing;

    /// <summary>Lets a handshake begin, or says why not.</summary>
    public string? TryEnter(IPAddress address)
    {
        lock (_gate)
        {
            var network = Network(address);
            if (!_buckets.TryGetValue(network, out var bucket))
            {
                if (_buckets.Count >= AddressesMax)
                {
                    return "full";
                }

                _buckets[network] = bucket = new Bucket { Tokens = options.HandshakesPerAddressAndSecond, Filled = options.Time.GetTimestamp() };
            }

            Fill(bucket);
            if (bucket.Tokens < 1)
            {
                return "rate";
            }

            bucket.Tokens--;
            if (_ongoing >= options.ConcurrentHandshakesMax || bucket.Ongoing >= options.ConcurrentHandshakesMax / 2)
            {
                return "concurrency";
            }

            bucket.Ongoing++;
            _ongoing++;
            return null;
        }
    }

    /// <summary>Ends a handshake that was let begin.</summary>
    public void Leave(IPAddress address)
    {
        lock (_gate)
        {
            _buckets[Network(address)].Ongoing--;
            _ongoing--;
        }
    }

    /// <summary>Forgets the addresses that have been quiet.</summary>
    public void Sweep()
    {
        lock (_gate)
        {
            foreach (var (network, bucket) in _buckets)
            {
                Fill(bucket);
                if (bucket.Ongoing == 0 && bucket.Tokens >= options.HandshakesPerAddressAndSecond)
                {
                    _buckets.Remove(network);
                }
            }
        }
    }

    private void Fill(Bucket bucket)
    {
        var now = options.Time.GetTimestamp();
        var earned = options.Time.GetElapsedTime(bucket.Filled, now).TotalSeconds * options.HandshakesPerAddressAndSecond;
        bucket.Tokens = Math.Min(bucket.Tokens + earned, options.HandshakesPerAddressAndSecond);
        bucket.Filled = now;
    }

    // Whoever has one IPv6 address has the 2⁶⁴ of its network.
    private static IPAddress Network(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            // A listener of both families shows IPv4 so; it is the same stranger as at one of IPv4.
            return address.MapToIPv4();
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    private sealed class Bucket
    {
        public double Tokens { get; set; }

        public long Filled { get; set; }

        public int Ongoing { get; set; }
    }
}
