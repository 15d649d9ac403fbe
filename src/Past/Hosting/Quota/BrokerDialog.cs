using System.Collections.Concurrent;
using System.Collections.Immutable;
using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>Asks a broker through the machine, and waits for its signed answers.</summary>
internal sealed class BrokerDialog(INodePort port, PublicKey broker, CancellationToken closing)
{
    private readonly ConcurrentDictionary<ulong, Pending> _pending = new();

    /// <summary>Asks, and asks again while no answer comes.</summary>
    /// <returns>Null where none has come in time.</returns>
    /// <exception cref="PastException">The node has stopped.</exception>
    public async ValueTask<BrokerAnswer?> AskAsync(
        BrokerAct act, SignedStatement statement, ImmutableArray<ImmutableArray<byte>> receipts, CancellationToken cancellationToken)
    {
        var encoded = statement.Encode();
        var request = new BrokerRequest(NewOperation(), act, encoded, receipts);
        var pending = new Pending(Hash256.Compute(encoded.AsSpan()));
        _pending[request.Operation] = pending;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, closing);
        try
        {
            await port.PostAsync(new AskBroker(request), either.Token).ConfigureAwait(false);
            return await pending.Answer.Task.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (PastPort.IsStopping(exception))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new PastException("The node was stopped before the broker had answered.", exception);
        }
        finally
        {
            _pending.TryRemove(request.Operation, out _);
            await EndAsync(request.Operation).ConfigureAwait(false);
        }
    }

    /// <summary>Takes an answer that the broker's node has brought, where the broker has signed it for this very question.</summary>
    public void Apply(BrokerReplied replied)
    {
        if (_pending.TryGetValue(replied.Operation, out var pending)
            && BrokerAnswer.TryRead(replied.Statement.AsMemory(), out var answer)
            && answer.Question == pending.Question && answer.Statement.Signer.Equals(broker) && answer.Verify())
        {
            pending.Answer.TrySetResult(answer);
        }
    }

    public void Apply(BrokerSilent silent)
    {
        if (_pending.TryGetValue(silent.Operation, out var pending))
        {
            pending.Answer.TrySetResult(null);
        }
    }

    private async ValueTask EndAsync(ulong operation)
    {
        try
        {
            await port.PostAsync(new EndQuestion(operation), closing).ConfigureAwait(false);
        }
        catch (Exception exception) when (PastPort.IsStopping(exception))
        {
            // The machine stops, too.
        }
    }

    private ulong NewOperation()
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        port.FillRandom(number);
        return BitConverter.ToUInt64(number) | 1;
    }

    private sealed class Pending(Hash256 question)
    {
        public Hash256 Question => question;

        public TaskCompletionSource<BrokerAnswer?> Answer { get; } = new();
    }
}
