using System.Security.Cryptography;
using P2P.Scribe.Protocol;
using P2P.Scribe.Wire;

namespace P2P.Scribe;

/// <summary>
/// Remembers which batches were verified or signed in this process, by their digests: where fifty nodes of one process get the same batch, one of them verifies it. With one node only, it remembers
/// nothing. Of the latest some thousands are remembered; what is older is verified again.
/// </summary>
internal sealed class KnownBatches : IKnownBatches
{
    private const int GenerationLength = 4096;

    private readonly Lock _gate = new();
    private HashSet<(UInt128, UInt128)> _recent = [];
    private HashSet<(UInt128, UInt128)> _older = [];
    private int _nodes;

    /// <summary>What the live nodes of this process know.</summary>
    public static KnownBatches OfProcess { get; } = new();

    /// <inheritdoc/>
    public uint Clock => (uint)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    private bool IsShared => Volatile.Read(ref _nodes) > 1;

    /// <summary>One more node takes part.</summary>
    public void Enter() => Interlocked.Increment(ref _nodes);

    /// <summary>A node takes part no more.</summary>
    public void Leave() => Interlocked.Decrement(ref _nodes);

    /// <summary>A batch was verified, or signed here.</summary>
    public void Add(SignedBatch batch)
    {
        if (!IsShared)
        {
            return;
        }

        var digest = DigestOf(batch);
        lock (_gate)
        {
            if (_recent.Count >= GenerationLength)
            {
                (_recent, _older) = (_older, _recent);
                _recent.Clear();
            }

            _recent.Add(digest);
        }
    }

    /// <inheritdoc/>
    public bool Knows(SignedBatch batch)
    {
        if (!IsShared)
        {
            return false;
        }

        var digest = DigestOf(batch);
        lock (_gate)
        {
            return _recent.Contains(digest) || _older.Contains(digest);
        }
    }

    /// <summary>The whole digest: half of one would let an author make two batches, of which only one is its own, that look the same.</summary>
    private static (UInt128 First, UInt128 Second) DigestOf(SignedBatch batch)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(batch.Bytes.Span, digest);
        return (System.Runtime.InteropServices.MemoryMarshal.Read<UInt128>(digest), System.Runtime.InteropServices.MemoryMarshal.Read<UInt128>(digest[16..]));
    }
}
