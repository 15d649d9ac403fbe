using System.Security.Cryptography;
using P2P.Scribe.Wire;

namespace P2P.Scribe;

/// <summary>
/// Remembers which batches were verified or signed in this process, by their digests: where fifty nodes of one process get the same batch, one of them verifies it. With one node only, it remembers
/// nothing. Of the latest some thousands are remembered; what is older is verified again.
/// </summary>
internal sealed class KnownBatches
{
    private const int GenerationLength = 4096;

    private readonly Lock _gate = new();
    private HashSet<(UInt128, UInt128)> _recent = [];
    private HashSet<(UInt128, UInt128)> _older = [];
    private int _nodes;

    /// <summary>What the live nodes of this process know.</summary>
    public static KnownBatches OfProcess { get; } = new();

    private bool IsShared => Volatile.Read(ref _nodes) > 1;

    /// <summary>One more node takes part.</summary>
    public void Enter() => Interlocked.Increment(ref _nodes);

    /// <summary>A node takes part no more.</summary>
    public void Leave() => Interlocked.Decrement(ref _nodes);

    /// <summary>A batch was verified, or signed here.</summary>
    public void Add(SignedBatch batch)
    {
        if (IsShared)
        {
            Add(DigestOf(batch));
        }
    }

    /// <summary>Tells whether exactly these bytes were verified, and right.</summary>
    public bool Knows(SignedBatch batch) => IsShared && Knows(DigestOf(batch));

    /// <summary>Verifies a batch, or believes whoever has.</summary>
    public bool Verify(SignedBatch batch)
    {
        if (!IsShared)
        {
            return batch.Verify();
        }

        var digest = DigestOf(batch);
        if (Knows(digest))
        {
            batch.TakeForRight();
            return true;
        }

        if (!batch.Verify())
        {
            return false;
        }

        Add(digest);
        return true;
    }

    private bool Knows((UInt128 First, UInt128 Second) digest)
    {
        lock (_gate)
        {
            return _recent.Contains(digest) || _older.Contains(digest);
        }
    }

    private void Add((UInt128 First, UInt128 Second) digest)
    {
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

    /// <summary>The whole digest: half of one would let an author make two batches, of which only one is its own, that look the same.</summary>
    private static (UInt128 First, UInt128 Second) DigestOf(SignedBatch batch)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(batch.Bytes.Span, digest);
        return (System.Runtime.InteropServices.MemoryMarshal.Read<UInt128>(digest), System.Runtime.InteropServices.MemoryMarshal.Read<UInt128>(digest[16..]));
    }
}
