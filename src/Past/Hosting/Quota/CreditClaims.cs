using System.Collections.Immutable;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>
/// Brings a broker what nodes have signed when files were taken back. What an absent broker does not take is kept and brought again, a bounded number of claims; whoever
/// loses one takes the file back once more.
/// </summary>
internal sealed class CreditClaims(INodePort port, BrokerDialog dialog, TimeSpan retryInterval, CancellationToken closing)
{
    private const int KeptMax = 1_024;

    private readonly Lock _gate = new();
    private readonly Queue<CreditClaim> _kept = [];
    private bool _retries;

    /// <summary>Brings a claim, and keeps it where no answer comes in time, or is not waited for.</summary>
    public async ValueTask ClaimAsync(CreditClaim claim, CancellationToken cancellationToken)
    {
        try
        {
            if (await TryBringAsync(claim, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }
        catch (OperationCanceledException) when (!closing.IsCancellationRequested)
        {
            Keep(claim);
            throw;
        }

        Keep(claim);
    }

    private void Keep(CreditClaim claim)
    {
        lock (_gate)
        {
            if (_kept.Count == KeptMax)
            {
                _kept.Dequeue();
            }

            _kept.Enqueue(claim);
            if (_retries)
            {
                return;
            }

            _retries = true;
        }

        port.Start(RetryAsync);
    }

    private async Task RetryAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(retryInterval, port.Time, closing).ConfigureAwait(false);
                while (Oldest() is { } claim && await TryBringAsync(claim, closing).ConfigureAwait(false))
                {
                    Forget(claim);
                }

                lock (_gate)
                {
                    if (_kept.Count == 0)
                    {
                        _retries = false;
                        return;
                    }
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or PastException)
        {
            // The node stops.
        }
    }

    private CreditClaim? Oldest()
    {
        lock (_gate)
        {
            return _kept.TryPeek(out var claim) ? claim : null;
        }
    }

    private void Forget(CreditClaim claim)
    {
        lock (_gate)
        {
            // Where too many were kept, it may be gone already.
            if (_kept.TryPeek(out var oldest) && ReferenceEquals(oldest, claim))
            {
                _kept.Dequeue();
            }
        }
    }

    private async ValueTask<bool> TryBringAsync(CreditClaim claim, CancellationToken cancellationToken) =>
        await dialog.AskAsync(BrokerAct.Credit, claim.Certificate.Statement, [.. claim.Receipts.Select(receipt => receipt.Encoded)], cancellationToken).ConfigureAwait(false)
            is not null;
}

/// <summary>Is what proves that a file is to be credited: the owner's word, and that of nodes.</summary>
internal sealed record CreditClaim(ReclaimCertificate Certificate, ImmutableArray<ReclaimReceipt> Receipts);
