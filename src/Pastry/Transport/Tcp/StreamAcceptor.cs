namespace P2P.Pastry.Transport.Tcp;

/// <summary>Takes the streams that others open, within bounds for each host and in all.</summary>
internal sealed class StreamAcceptor(HostContext host, TaskSet tasks)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Fingerprint, int> _byHost = [];
    private int _all;

    /// <summary>Answers the request on a new channel and hands the stream over.</summary>
    /// <exception cref="HandshakeException">The stream is refused.</exception>
    /// <exception cref="InvalidDataException">What came is no request.</exception>
    public async Task AcceptAsync(SecureChannel channel, CancellationToken cancellationToken)
    {
        var request = StreamRequest.Read(await channel.ReadBlockAsync(StreamRequest.MaxLength, cancellationToken).ConfigureAwait(false));
        try
        {
            var (source, destination) = Check(request, channel.Host);
            Enter(channel.Host);
            var answer = new StreamAnswer(Verdict.Accepted, host.Options.Versions, destination.Statement, destination.Certificate);
            await HandOverAsync(channel, source.Node, destination.Node, request.Application, answer, cancellationToken).ConfigureAwait(false);
        }
        catch (HandshakeException exception)
        {
            await channel.WriteBlockAsync(new StreamAnswer(exception.Verdict, host.Options.Versions, null).ToBytes(), cancellationToken).ConfigureAwait(false);
            channel.EndOutput();
            throw;
        }
    }

    private (Delegation Source, LocalNodes.Entry Destination) Check(StreamRequest request, Fingerprint remote)
    {
        ControlHandshake.Agree(host, request.Versions, request.Ring);
        var destination = host.Nodes.Find(request.Destination)
            ?? throw new HandshakeException(Verdict.NotHere, "It opened a stream to a node that does not live here.");
        return (host.Verifier.Verify(request.Source, request.Certificate, remote), destination);
    }

    private async Task HandOverAsync(
        SecureChannel channel,
        NodeHandle source,
        LocalNode destination,
        PastryApplicationId application,
        StreamAnswer answer,
        CancellationToken cancellationToken)
    {
        try
        {
            await channel.WriteBlockAsync(answer.ToBytes(), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Leave(channel.Host);
            throw;
        }

        var end = new StreamEnd(host, channel, tasks, () => Leave(channel.Host));
        if (!host.Handler.AcceptStream(destination, new TransportStream(source, end, end.CloseAsync), application))
        {
            end.Dispose();
        }
    }

    private void Enter(Fingerprint remote)
    {
        lock (_gate)
        {
            var count = _byHost.GetValueOrDefault(remote);
            // Twice what an opener allows itself: a stream that has ended there may still be ending here.
            if (_all >= host.Options.StreamsMax || count >= host.Options.StreamsPerPeerMax * 2)
            {
                throw new HandshakeException(Verdict.Busy, "It opened one more stream than are allowed.");
            }

            _byHost[remote] = count + 1;
            _all++;
        }
    }

    private void Leave(Fingerprint remote)
    {
        lock (_gate)
        {
            _all--;
            if (_byHost[remote] == 1)
            {
                _byHost.Remove(remote);
            }
            else
            {
                _byHost[remote]--;
            }
        }
    }
}
