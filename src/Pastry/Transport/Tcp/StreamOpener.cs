namespace P2P.Pastry.Transport.Tcp;

/// <summary>Opens streams to others, each on a connection of its own.</summary>
internal sealed class StreamOpener(HostContext host, Dialer dialer, TaskSet tasks) : IDisposable
{
    private readonly StreamSlots _slots = new(host.Options.StreamsMax, host.Options.StreamsPerPeerMax);

    /// <exception cref="TransportException">The node can't be reached, is not the one it should be, or takes no more streams.</exception>
    public async Task<TransportStream> OpenAsync(LocalNodes.Entry from, NodeHandle to, PastryApplicationId application, CancellationToken cancellationToken)
    {
        var leave = await _slots.EnterAsync(to.Id, cancellationToken).ConfigureAwait(false);
        try
        {
            var request = new StreamRequest(host.Options.Versions, host.Options.RingName, from.Statement, to.Id, application, from.Certificate);
            var (channel, peer) = await dialer.DialFirstAsync(to.Addresses, Plane.Stream, (channel, token) => AskAsync(channel, request, token), cancellationToken)
                .ConfigureAwait(false);
            var end = new StreamEnd(host, channel, tasks, leave);
            return new TransportStream(peer, end, end.CloseAsync);
        }
        catch
        {
            leave();
            throw;
        }
    }

    public void Dispose() => _slots.Dispose();

    private async Task<(SecureChannel, NodeHandle)> AskAsync(SecureChannel channel, StreamRequest request, CancellationToken cancellationToken)
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
