using Microsoft.Extensions.Logging;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>Tells a broker what this node contributes, and tells it again before it counts no more.</summary>
internal sealed class Contributor(INodePort port, BrokerQuotaOptions options, BrokerDialog dialog, ILogger logger, CancellationToken closing)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long _sequence;
    private volatile bool _withdrawn;

    public async Task KeepAsync()
    {
        try
        {
            await port.WhenReadyAsync(closing).ConfigureAwait(false);
            var interval = options.ContributionLifetime / 4;
            while (!_withdrawn)
            {
                var taken = await ContributeAsync(options.Contribution!.CapacityBytes, closing).ConfigureAwait(false);
                await Task.Delay(taken || interval < RetryInterval ? interval : RetryInterval, port.Time, closing).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or PastException or PastryException)
        {
            // The node stops.
        }
    }

    public ValueTask<bool> WithdrawAsync(CancellationToken cancellationToken)
    {
        _withdrawn = true;
        return ContributeAsync(0, cancellationToken);
    }

    private async ValueTask<bool> ContributeAsync(long capacityBytes, CancellationToken cancellationToken)
    {
        var body = ContributionClaim.Encode(options.Broker, options.Contribution!.Account, capacityBytes, options.ContributionLifetime, NextSequence());
        var answer = await dialog.AskAsync(BrokerAct.Contribute, port.Sign(ContributionClaim.Purpose, body), [], cancellationToken).ConfigureAwait(false);
        if (answer?.Standing is BrokerStanding.NotTaken or BrokerStanding.NotBelieved)
        {
            logger.ContributionRefused(answer.Standing);
        }

        return answer is { Standing: BrokerStanding.Answered };
    }

    /// <summary>Numbers what this node says; its later lives go on with higher numbers.</summary>
    private long NextSequence()
    {
        lock (_gate)
        {
            return _sequence = Math.Max(_sequence + 1, port.Time.GetUtcNow().ToUnixTimeMilliseconds());
        }
    }
}
