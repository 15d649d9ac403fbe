namespace P2P.Pastry;

/// <summary>
/// Decides which nodes a ring admits. Anybody can make himself keys until some lie where he wants them on the ring; a closed ring takes only nodes
/// that somebody answers for, such as an authority whose certificates they carry: <see cref="AuthorityAdmission"/>.
/// </summary>
/// <remarks>
/// All hosts of a ring should decide alike: nodes that one admits and another does not can't all talk to each other. A transport asks at each handshake, after
/// the node has proven its key, and whenever a node renews its word; concurrently, and it waits for the answer.
/// </remarks>
public interface INodeAdmission
{
    /// <summary>Decides about a node.</summary>
    AdmissionDecision Judge(AdmissionRequest request);
}
