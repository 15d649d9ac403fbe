namespace P2P.Pastry.Transport;

/// <summary>Says who a node is that is about to live on a host.</summary>
/// <param name="Key">The node's key; its id is derived from it.</param>
/// <param name="Incarnation">Which of its lives this is: higher than in any earlier one.</param>
public sealed record NodeIdentity(SigningKey Key, ulong Incarnation)
{
    /// <summary>
    /// What the node shows to be admitted to a closed ring, such as the <see cref="AdmissionCertificate.Statement"/> of an <see cref="AdmissionCertificate"/>;
    /// at most 2 KiB. Default: null, which open rings are content with.
    /// </summary>
    public SignedStatement? Certificate { get; init; }
}
