using System.Net.Sockets;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Takes the streams that others open, within bounds for each host and in all.</summary>
internal sealed class StreamAcceptor(HostContext host, TaskSet tasks)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Fingerprint, int> _byHost = [];
    private readonly Dictionary<int, int> _byNode = [];
    private readonly List<(int Node, TaskCompletionSource Empty)> _waiting = [];
    private readonly HashSet<int> _closed = [];
    private int _all;
    private int _idle;

    /// <summary>Answers the request on a new channel and hands the stream over.</summary>
    /// <exception cref="HandshakeException">The stream is refused.</exception>
    /// <exception cref="InvalidDataException">What came is no request.</exception>
    public async Task AcceptAsync(SecureChannel channel, CancellationToken cancellationToken)
    {
        var request = await ReadRequestAsync(channel, cancellationToken).ConfigureAwait(false);
        await AnswerAsync(channel, request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Waits until no stream to a node is open that others have opened, and takes none for it from then on: some have not heard that it is about to stop, or know no such message, and would be
    /// cut off.
    /// </summary>
    public Task WhenNoneAsync(LocalNode node, CancellationToken cancellationToken)
    {
        var empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (!_byNode.ContainsKey(node.Index))
            {
                _closed.Add(node.Index);
                return Task.CompletedTask;
            }

            _waiting.Add((node.Index, empty));
        }

        return empty.Task.WaitAsync(cancellationToken);
    }

    private static async Task<StreamRequest> ReadRequestAsync(SecureChannel channel, CancellationToken cancellationToken) =>
        StreamRequest.Read(await channel.ReadBlockAsync(StreamRequest.MaxLength, cancellationToken).ConfigureAwait(false));

    private async Task AnswerAsync(SecureChannel channel, StreamRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var (source, destination) = Check(request, channel.Host);
            Enter(channel.Host, destination.Node);
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
            Leave(channel.Host, destination);
            throw;
        }

        var end = new StreamEnd(host, channel, tasks, left =>
        {
            Leave(channel.Host, destination);
            if (left is not null)
            {
                tasks.Run(() => AwaitNextAsync(left, source.Id));
            }
        });
        if (!host.Handler.AcceptStream(destination, new TransportStream(source, end, end.CloseAsync), application))
        {
            end.Dispose();
        }
    }

    /// <summary>
    /// Lets another stream of the same node follow on a connection that one has left. A bounded number of connections waits, so many as streams may be open, and
    /// each for a bounded time.
    /// </summary>
    private async Task AwaitNextAsync(SecureChannel channel, NodeId source)
    {
        var isTaken = false;
        try
        {
            if (await TryReadNextAsync(channel).ConfigureAwait(false) is { } request && request.Source.Signer.NodeId == source)
            {
                using var timeout = new CancellationTokenSource(host.Options.HandshakeTimeout, host.Time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, host.Aborting);
                await AnswerAsync(channel, request, either.Token).ConfigureAwait(false);
                isTaken = true;
            }
        }
        catch (Exception exception) when (exception is HandshakeException or InvalidDataException or IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            host.Logger.StreamCut(channel.Host, exception.Message);
        }
        finally
        {
            if (!isTaken)
            {
                channel.Dispose();
            }
        }
    }

    private async Task<StreamRequest?> TryReadNextAsync(SecureChannel channel)
    {
        if (Interlocked.Increment(ref _idle) > host.Options.StreamsMax)
        {
            Interlocked.Decrement(ref _idle);
            return null;
        }

        try
        {
            using var timeout = new CancellationTokenSource(host.Options.StallTimeout, host.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, host.Aborting);

            // Waiting for nothing in particular holds no buffer.
            await channel.Stream.ReadAsync(Memory<byte>.Empty, either.Token).ConfigureAwait(false);
            return await ReadRequestAsync(channel, either.Token).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _idle);
        }
    }

    private void Enter(Fingerprint remote, LocalNode node)
    {
        lock (_gate)
        {
            if (_closed.Contains(node.Index))
            {
                throw new HandshakeException(Verdict.Busy, "It opened a stream to a node that is about to stop.");
            }

            var count = _byHost.GetValueOrDefault(remote);
            // Twice what an opener allows itself: a stream that has ended there may still be ending here.
            if (_all >= host.Options.StreamsMax || count >= host.Options.StreamsPerPeerMax * 2)
            {
                throw new HandshakeException(Verdict.Busy, "It opened one more stream than are allowed.");
            }

            _byHost[remote] = count + 1;
            _byNode[node.Index] = _byNode.GetValueOrDefault(node.Index) + 1;
            _all++;
        }
    }

    private void Leave(Fingerprint remote, LocalNode node)
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

            if (--_byNode[node.Index] == 0)
            {
                _byNode.Remove(node.Index);
                foreach (var (_, empty) in _waiting.Where(waiting => waiting.Node == node.Index))
                {
                    _closed.Add(node.Index);
                    empty.SetResult();
                }

                _waiting.RemoveAll(waiting => waiting.Node == node.Index);
            }
        }
    }
}
