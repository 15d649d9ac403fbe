using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>
/// Orders permits of a broker, an owner at a time and many files together: what is wanted while an order is under way waits for the next one, so that an owner's
/// key signs, and the broker's disk flushes, once for many.
/// </summary>
internal sealed class PermitLines(INodePort port, PublicKey broker, BrokerDialog dialog, CancellationToken closing)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PublicKey, Queue<Wanted>> _lines = [];

    public async ValueTask<QuotaAnswer> RequestAsync(QuotaRequest request, CancellationToken cancellationToken)
    {
        var wanted = new Wanted(request);
        var owner = request.Owner.PublicKey;
        lock (_gate)
        {
            if (!_lines.TryGetValue(owner, out var line))
            {
                _lines.Add(owner, line = []);
                port.Start(() => OrderAllAsync(owner, line));
            }

            line.Enqueue(wanted);
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, closing);
        try
        {
            return await wanted.Answer.Task.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Stopped(exception);
        }
    }

    private async Task OrderAllAsync(PublicKey owner, Queue<Wanted> line)
    {
        while (TakeFrom(line, owner) is { Count: > 0 } together)
        {
            try
            {
                await OrderAsync(together).ConfigureAwait(false);
            }
            catch (OperationCanceledException exception)
            {
                // None of the users has given up.
                Fail(together, closing.IsCancellationRequested ? Stopped(exception) : new PastException("The owner's signer has given up before it had signed an order for room.", exception));
            }
            catch (Exception exception)
            {
                // Such as a signer that refuses: its users learn it.
                Fail(together, exception);
            }
        }
    }

    private List<Wanted> TakeFrom(Queue<Wanted> line, PublicKey owner)
    {
        var together = new List<Wanted>();
        lock (_gate)
        {
            while (together.Count < PermitOrder.FilesMax && line.TryDequeue(out var wanted))
            {
                together.Add(wanted);
            }

            if (together.Count == 0)
            {
                _lines.Remove(owner);
            }
        }

        return together;
    }

    private async ValueTask OrderAsync(List<Wanted> together)
    {
        var body = PermitOrder.Encode(broker, port.Handle.Id, [.. together.Select(wanted => wanted.File)]);
        var statement = await SignedStatement.SignAsync(together[0].Request.Owner, PermitOrder.Purpose, body, closing).ConfigureAwait(false);
        var answer = await dialog.AskAsync(BrokerAct.Order, statement, [], CancellationToken.None).ConfigureAwait(false);
        for (var i = 0; i < together.Count; i++)
        {
            together[i].Answer.TrySetResult(
                answer is { Standing: BrokerStanding.Answered } && i < answer.Files.Length ? AnswerOf(together[i], answer.Files[i], answer.Account) : QuotaAnswer.Unavailable.Instance);
        }
    }

    private QuotaAnswer AnswerOf(Wanted wanted, PermittedFile file, QuotaAccount account) => file.Verdict switch
    {
        PermitVerdict.Permitted when file.Permit is { } permit && permit.Broker.Equals(broker) && permit.FileId == wanted.File.FileId => new QuotaAnswer.Granted(permit),
        PermitVerdict.Exceeded => new QuotaAnswer.Exceeded(account.UsedBytes, account.GrantedBytes, file.CostBytes),
        PermitVerdict.Conflict => new QuotaAnswer.Denied(StoreRefusal.FileIdExists),
        PermitVerdict.TakenBack => new QuotaAnswer.Denied(StoreRefusal.Reclaimed),
        PermitVerdict.TooFewContributors => new QuotaAnswer.Denied(StoreRefusal.TooFewNodes),
        _ => QuotaAnswer.Unavailable.Instance,
    };

    private static void Fail(List<Wanted> together, Exception exception) => together.ForEach(wanted => wanted.Answer.TrySetException(exception));

    private static PastException Stopped(Exception exception) => new("The node was stopped before the broker had answered.", exception);

    private sealed class Wanted(QuotaRequest request)
    {
        public QuotaRequest Request => request;

        public OrderedFile File => new(request.FileId, request.ContentLength, request.ReplicaCount);

        public TaskCompletionSource<QuotaAnswer> Answer { get; } = new();
    }
}
