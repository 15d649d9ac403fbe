namespace P2P.Pastry.Transport.Tcp;

/// <summary>Opens streams to others, each on a connection of its own: one that an earlier stream has left, or a new one.</summary>
internal sealed class StreamOpener(HostContext host, Dialer dialer, RouteTable routes, TaskSet tasks) : IDisposable
{
    /// <summary>After so many head starts of a connection, one that was left without an answer counts as broken.</summary>
    private const int AnswerHeadStarts = 4;

    private readonly IdleStreams _idle = new(host.Time, host.Options.StreamsPerPeerMax);
    private readonly StreamSlots _slots = new(host.Options.StreamsMax, host.Options.StreamsPerPeerMax);

    /// <exception cref="TransportException">The node can't be reached, is not the one it should be, or takes no more streams.</exception>
    public async Task<TransportStream> OpenAsync(LocalNodes.Entry from, NodeHandle to, PastryApplicationId application, CancellationToken cancellationToken)
    {
        if (routes.IsLeaving(to.Id))
        {
            throw new TransportException(PeerDownReason.Leaving, $"Node {to} is about to stop, and takes no more streams; ask another one.");
        }

        var leave = await _slots.EnterAsync(to.Id, cancellationToken).ConfigureAwait(false);
        try
        {
            var request = new StreamRequest(host.Options.Versions, host.Options.RingName, from.Statement, to.Id, application, from.Certificate);
            var (channel, peer) = await TryReuseAsync(from.Node.Handle.Id, to.Id, request, cancellationToken).ConfigureAwait(false)
                ?? await dialer.DialFirstAsync(to.Addresses, Plane.Stream, (channel, token) => AskAsync(channel, request, token), cancellationToken)
                    .ConfigureAwait(false);
            var end = new StreamEnd(host, channel, tasks, left =>
            {
                if (left is not null)
                {
                    _idle.Add(from.Node.Handle.Id, to.Id, left);
                }

                leave();
            });
            return new TransportStream(peer, end, end.CloseAsync);
        }
        catch
        {
            leave();
            throw;
        }
    }

    /// <summary>Closes connections that no stream has used for a while.</summary>
    public void Sweep() => _idle.Sweep();

    public void Dispose()
    {
        _idle.Dispose();
        _slots.Dispose();
    }

    /// <summary>Asks over a connection that an earlier stream has left; whatever comes but a stream, a new connection tells better why.</summary>
    private async Task<(SecureChannel Channel, NodeHandle Peer)?> TryReuseAsync(NodeId from, NodeId to, StreamRequest request, CancellationToken cancellationToken)
    {
        while (_idle.TryTake(from, to) is { } channel)
        {
            using var timeout = new CancellationTokenSource(host.Options.ConnectHeadStart * AnswerHeadStarts, host.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                return await AskAsync(channel, request, either.Token).ConfigureAwait(false);
            }
            catch
            {
                // The other end keeps such connections for no longer than it likes.
                channel.Dispose();
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        return null;
    }

    private async Task<(SecureChannel Channel, NodeHandle Peer)> AskAsync(SecureChannel channel, StreamRequest request, CancellationToken cancellationToken)
    {
        await channel.WriteBlockAsync(request.ToBytes(), cancellationToken).ConfigureAwait(false);
        var answer = StreamAnswer.Read(await channel.ReadBlockAsync(StreamAnswer.MaxLength, cancellationToken).ConfigureAwait(false));
        ControlHandshake.ThrowIfRefused(host, answer.Verdict, answer.Versions);
        var statement = answer.Destination ?? throw new HandshakeException(Verdict.Identity, "The answer proves no node.");
        var destination = host.Verifier.Verify(statement, answer.Certificate, channel.Host);
        return destination.Node.Id == request.Destination
            ? (channel, destination.Node)
            : throw new HandshakeException(Verdict.Identity, "The answer proves another node.");
    }
}
