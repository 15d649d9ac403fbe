namespace P2P.Pastry;

/// <summary>Is a node that asks to be admitted to a ring, or is one that lives here and should know before it tries.</summary>
/// <param name="Node">Its key, of which it has proven that it holds it.</param>
/// <param name="Ring">The ring's name.</param>
/// <param name="Certificate">What it brings to be admitted: null where it brings nothing, and whatever anybody wrote else.</param>
/// <param name="Now">The time by this host's clock.</param>
public sealed record AdmissionRequest(PublicKey Node, string Ring, SignedStatement? Certificate, DateTimeOffset Now);
