namespace P2P.Pastry;

/// <summary>
/// Signs for a user: a <see cref="SigningKey"/>, or whoever keeps the key where no program sees it, such as a security module or an agent. The key is
/// one on P-256, and signatures are ECDSA with SHA-256.
/// </summary>
public interface ISigner
{
    /// <summary>The half of the key that others verify with.</summary>
    PublicKey PublicKey { get; }

    /// <summary>Signs bytes. May be called concurrently.</summary>
    /// <param name="data">What to sign: as it is, not its hash.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>
    /// The signature in IEEE P1363 form, <see cref="SigningKey.SignatureLength"/> bytes: r and s, most significant byte first. Of the two that are
    /// equally good, whoever asks takes the one with the lower s by himself.
    /// </returns>
    ValueTask<ReadOnlyMemory<byte>> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default);
}
