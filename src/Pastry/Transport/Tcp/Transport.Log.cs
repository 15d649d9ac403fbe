using System.Net;
using Microsoft.Extensions.Logging;

namespace P2P.Pastry.Transport.Tcp;

internal static partial class TransportLog
{
    [LoggerMessage(2000, LogLevel.Information, "Host {Host} listens at {Addresses}.")]
    public static partial void Listening(this ILogger logger, Fingerprint host, string addresses);

    [LoggerMessage(2001, LogLevel.Debug, "Connected with host {Host}, which is home to {Nodes} nodes; dialled here: {Initiated}.")]
    public static partial void Connected(this ILogger logger, Fingerprint host, int nodes, bool initiated);

    [LoggerMessage(2002, LogLevel.Debug, "The connection with host {Host} ended: {End}.")]
    public static partial void Disconnected(this ILogger logger, Fingerprint host, ConnectionEnd end);

    [LoggerMessage(2003, LogLevel.Debug, "Peer {Peer} is down: {Reason}.")]
    public static partial void PeerDown(this ILogger logger, NodeHandle peer, PeerDownReason reason);

    [LoggerMessage(2004, LogLevel.Warning, "Refused {Remote}, who can't prove what it claims: {Reason}")]
    public static partial void IdentityRefused(this ILogger logger, EndPoint? remote, string reason);

    [LoggerMessage(2005, LogLevel.Information, "Refused {Remote}: {Reason}")]
    public static partial void HandshakeRefused(this ILogger logger, EndPoint? remote, string reason);

    [LoggerMessage(2006, LogLevel.Warning, "Host {Host} broke the protocol and was disconnected: {Violation}")]
    public static partial void ProtocolViolated(this ILogger logger, Fingerprint host, string violation);

    [LoggerMessage(2007, LogLevel.Error, "The handler's {Method} failed.")]
    public static partial void HandlerFailed(this ILogger logger, Exception exception, string method);

    [LoggerMessage(2008, LogLevel.Warning, "A connection could not be accepted; going on in {Pause}.")]
    public static partial void AcceptFailed(this ILogger logger, Exception exception, TimeSpan pause);

    [LoggerMessage(2009, LogLevel.Warning, "Peer {Peer} is not who answers at its addresses: {Reason}")]
    public static partial void IdentityMismatch(this ILogger logger, NodeHandle peer, string reason);

    [LoggerMessage(2010, LogLevel.Error, "A background task of the transport failed.")]
    public static partial void TaskFailed(this ILogger logger, Exception exception);

    [LoggerMessage(2014, LogLevel.Warning, "Others can't measure how near this host is at {Address}: {Reason}. The port number of the listener is taken for UDP.")]
    public static partial void EchoNotBound(this ILogger logger, EndPoint address, string reason);

    [LoggerMessage(2012, LogLevel.Warning, "Refused {Remote}. {Reason}")]
    public static partial void AdmissionRefused(this ILogger logger, EndPoint? remote, string reason);

    [LoggerMessage(2013, LogLevel.Warning, "Peer {Peer} refused this host. {Reason}")]
    public static partial void NotAdmitted(this ILogger logger, NodeHandle peer, string reason);

    [LoggerMessage(2011, LogLevel.Debug, "A stream with host {Host} ended early: {Reason}")]
    public static partial void StreamCut(this ILogger logger, Fingerprint host, string reason);
}
