using System.Collections.Frozen;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Is the outcome of an exchange of hellos: what the other host has proven, and what it has been told.</summary>
/// <param name="Version">The version that both speak from now on.</param>
/// <param name="Session">Tells the other host's lives apart.</param>
/// <param name="Nodes">The other host's nodes by their index.</param>
/// <param name="Announced">The local nodes that the other host knows of.</param>
internal sealed record HostProof(int Version, ulong Session, FrozenDictionary<ushort, Delegation> Nodes, LocalNodes.Entry?[] Announced);
