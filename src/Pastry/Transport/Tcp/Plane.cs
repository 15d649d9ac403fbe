using System.Net.Security;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Tells what a connection is for. The number in the name that is negotiated in TLS is that of the first blocks, by which versions are agreed on.</summary>
internal enum Plane
{
    Control,
    Stream,
}

internal static class Planes
{
    public static readonly List<SslApplicationProtocol> All = [Plane.Control.Protocol(), Plane.Stream.Protocol()];

    public static SslApplicationProtocol Protocol(this Plane plane) => new(plane == Plane.Control ? "p2p-control/1" : "p2p-stream/1");
}
