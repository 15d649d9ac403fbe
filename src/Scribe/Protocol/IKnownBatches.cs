using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>Tells of batches that another node of the same process has verified: what one of them knows, all may believe.</summary>
internal interface IKnownBatches
{
    /// <summary>The second since 1970.</summary>
    uint Clock { get; }

    /// <summary>Tells whether exactly these bytes were verified, and right.</summary>
    bool Knows(SignedBatch batch);
}
