using System.Net.Sockets;
using System.Security.Authentication;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Says in words that help what went wrong where, when an address was dialled.</summary>
internal static class DialFailures
{
    /// <summary>Puts together why none of several addresses would do. Who answered tells more than who did not.</summary>
    public static TransportException Sum(IReadOnlyList<TransportException> failures) => failures.Count == 1
        ? failures[0]
        : new TransportException(
            failures.MaxBy(failure => Weight(failure.Reason))?.Reason ?? PeerDownReason.Unreachable,
            string.Join(" ", failures.Select(failure => failure.Message)),
            failures.Count > 0 ? failures[0] : null);

    public static TransportException OfConnecting(Exception exception, NodeAddress address, TimeSpan timeout) => exception switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => new TransportException(
            PeerDownReason.Refused, $"Nobody listens at {address}: the connection was refused. Check the port, and that the host runs.", exception),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => new TransportException(
            PeerDownReason.Unreachable, $"The host name of {address} can't be resolved. Check its spelling and the name servers.", exception),
        OperationCanceledException => new TransportException(
            PeerDownReason.Unreachable, $"{address} did not answer within {timeout}. Check the address, and firewalls on the way.", exception),
        _ => new TransportException(
            PeerDownReason.Unreachable, $"{address} can't be reached: {exception.Message}. Check the address and the network.", exception),
    };

    public static TransportException OfHandshake(Exception exception, NodeAddress address, TimeSpan timeout) => exception switch
    {
        TransportException explained => explained,
        HandshakeException refused => new TransportException(refused.Reason, $"{address} can't be used. {refused.Message}", exception),
        AuthenticationException => new TransportException(
            PeerDownReason.Incompatible, $"What listens at {address} is no host of this overlay, or one of another wire version: TLS 1.3 with {Plane.Control.Protocol()} failed. Check the port.", exception),
        InvalidDataException => new TransportException(
            PeerDownReason.Incompatible, $"What listens at {address} doesn't keep to the protocol: {exception.Message} Check the port, and the versions on both sides.", exception),
        OperationCanceledException => new TransportException(
            PeerDownReason.Unreachable, $"{address} took the connection but did not finish the handshake within {timeout}. It may be overloaded, or no host of this overlay.", exception),
        IOException or SocketException or ObjectDisposedException => new TransportException(
            PeerDownReason.ConnectionLost, $"{address} closed the connection during the handshake. It may be overloaded, or no host of this overlay.", exception),
        _ => new TransportException(PeerDownReason.Unreachable, $"The handshake with {address} failed: {exception.Message}", exception),
    };

    private static int Weight(PeerDownReason reason) => reason switch
    {
        PeerDownReason.NotAdmitted => 5,
        PeerDownReason.Incompatible => 4,
        PeerDownReason.IdentityMismatch => 3,
        PeerDownReason.Refused => 2,
        PeerDownReason.ConnectionLost => 1,
        _ => 0,
    };
}
