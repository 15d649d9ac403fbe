using Microsoft.Extensions.Logging;
using P2P.Pastry.Transport;

namespace P2P.Pastry;

public sealed partial class PastryNode
{
    [LoggerMessage(2110, LogLevel.Information, "Node {Node} has started and listens at {Address}.")]
    private partial void LogStarted(NodeHandle node, NodeAddress address);

    [LoggerMessage(2111, LogLevel.Information, "Node {Node} has stopped.")]
    private partial void LogStopped(NodeHandle? node);

    [LoggerMessage(2112, LogLevel.Information, "Node {Node} is ready to deliver: {Ready}.")]
    private partial void LogReadyChanged(NodeHandle node, bool ready);

    [LoggerMessage(2113, LogLevel.Warning, "Attempt {Attempt} to join the ring failed: {Reason}. It is tried again.")]
    private partial void LogJoinAttemptFailed(int attempt, string reason);

    [LoggerMessage(2122, LogLevel.Error, "The node can't join the ring, and stops. {Reason}")]
    private partial void LogJoinRefused(string reason);

    [LoggerMessage(2123, LogLevel.Warning, "None of the {Count} nodes that were remembered answered; the node begins a ring of its own, and goes on asking after them.")]
    private partial void LogRingFounded(int count);

    [LoggerMessage(2114, LogLevel.Debug, "The connection to {Peer} is down: {Reason}.")]
    private partial void LogPeerDown(NodeHandle peer, PeerDownReason reason);

    [LoggerMessage(2115, LogLevel.Information, "Node {Peer} has been given up: it answers no probes.")]
    private partial void LogPeerDead(NodeHandle peer);

    [LoggerMessage(2117, LogLevel.Error, "A handler of {Application} failed; what it was handling is lost.")]
    private partial void LogApplicationFailed(Exception exception, string application);

    [LoggerMessage(2124, LogLevel.Debug, "How near {Peer} is could not be measured: {Reason}")]
    private partial void LogNotMeasured(NodeHandle peer, string reason);

    [LoggerMessage(2120, LogLevel.Error, "The transport could not be closed in order; the node stops all the same.")]
    private partial void LogTransportFailed(Exception exception);

    [LoggerMessage(2121, LogLevel.Error, "Work of a module failed.")]
    private partial void LogWorkFailed(Exception exception);
}
