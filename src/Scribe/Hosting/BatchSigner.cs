using P2P.Pastry;

namespace P2P.Scribe;

/// <summary>Signs batches, in the name of the node or of a user who keeps a key.</summary>
internal sealed class BatchSigner(PublicKey key, Func<string, ReadOnlyMemory<byte>, ValueTask<SignedStatement>> sign)
{
    public PublicKey PublicKey => key;

    public ValueTask<SignedStatement> SignAsync(string purpose, ReadOnlyMemory<byte> body) => sign(purpose, body);

    public static BatchSigner Of(ISigner author) => new(author.PublicKey, (purpose, body) => SignedStatement.SignAsync(author, purpose, body));

    /// <summary>The node's own signer. A port tells its key with a signature only; this one says nothing, and goes nowhere.</summary>
    public static BatchSigner Of(INodePort node) =>
        new(node.Sign("p2p.scribe.introduction.1", default).Signer, (purpose, body) => new(node.Sign(purpose, body.Span)));
}
