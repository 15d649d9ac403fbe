using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>
/// Has a broker of the ring grant this node's users room (PAST §2.2), contributes the node's storage, and, on the node that the broker runs on, answers for it. Put
/// it into <see cref="PastryNodeOptions.Modules"/> and into <see cref="PastStoreOptions.Quota"/>.
/// </summary>
/// <example>
/// <code>
/// var quota = new BrokerQuota(new BrokerQuotaOptions { Broker = broker, Contribution = new StorageContribution(owner.PublicKey, 10L &lt;&lt; 30) });
/// var past = new PastStore(new PastStoreOptions { Replicas = replicas, Brokers = { broker }, Quota = quota });
/// await using var node = await PastryNode.StartAsync(new PastryNodeOptions { Modules = { past, quota }, Bootstraps = { address } });
/// </code>
/// </example>
public sealed class BrokerQuota : IQuota, IPastryModule
{
    /// <summary>How many requests of others are answered at a time, which share flushes of the broker's disk, and how many wait, of up to 60 KiB each, a quarter for one peer.</summary>
    private const int AnsweredMax = 64;

    private const int WaitingMax = 512;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);

    private readonly BrokerQuotaOptions _options;
    private readonly BrokerMachine _machine;
    private readonly NodeId _brokerNode;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closing = new();
    private Shell? _shell;

    /// <summary>Prepares a node's dealings with a broker.</summary>
    /// <exception cref="PastException">An option is missing or outside of its range.</exception>
    public BrokerQuota(BrokerQuotaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options.Copy();
        options.Validate();
        _options = options;
        _brokerNode = options.BrokerNode ?? options.Broker.NodeId;
        _machine = new BrokerMachine(_brokerNode, options.Serve is not null, options.RequestTimeout, options.RequestAttemptsMax);
        _logger = (ILogger?)options.LoggerFactory?.CreateLogger<BrokerQuota>() ?? NullLogger.Instance;
    }

    PastryApplication IPastryModule.Application => _machine;

    private Shell Started => _shell ?? throw new InvalidOperationException("The quota belongs to no node yet: put it into PastryNodeOptions.Modules and start the node.");

    /// <inheritdoc/>
    /// <exception cref="PastException">The node has stopped.</exception>
    public ValueTask<QuotaAnswer> RequestAsync(QuotaRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Started.Lines.RequestAsync(request, cancellationToken);
    }

    /// <summary>Has a file credited. Where the broker does not answer, it is asked again every minute, as long as the node runs.</summary>
    /// <inheritdoc/>
    /// <exception cref="PastException">The node has stopped.</exception>
    public ValueTask CreditAsync(ReclaimCertificate certificate, ImmutableArray<ReclaimReceipt> receipts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Started.Credits.ClaimAsync(new CreditClaim(certificate, receipts), cancellationToken);
    }

    /// <summary>Asks the broker how an owner's account stands.</summary>
    /// <param name="owner">Signs for the owner.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null where the broker has not answered in time.</returns>
    /// <exception cref="PastException">The node has stopped.</exception>
    public async ValueTask<QuotaAccount?> GetAccountAsync(ISigner owner, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(owner);
        var (port, dialog, _, _) = Started;
        var question = await SignedStatement.SignAsync(owner, PermitOrder.Purpose, PermitOrder.Encode(_options.Broker, port.Handle.Id, []), cancellationToken).ConfigureAwait(false);
        var answer = await dialog.AskAsync(BrokerAct.Order, question, [], cancellationToken).ConfigureAwait(false);
        return answer is { Standing: BrokerStanding.Answered } ? answer.Account : null;
    }

    /// <summary>Withdraws what this node contributes, for good: it is not renewed any more.</summary>
    /// <param name="cancellationToken">Gives up; then the contribution ends when it is due.</param>
    /// <returns>False where the broker has not answered in time; the contribution ends when it is due.</returns>
    /// <exception cref="PastException">The node has stopped.</exception>
    public async ValueTask<bool> WithdrawAsync(CancellationToken cancellationToken = default)
    {
        var contributor = Started.Contributor;
        return contributor is null || await contributor.WithdrawAsync(cancellationToken).ConfigureAwait(false);
    }

    void IPastryModule.Attach(INodePort port)
    {
        if (_shell is { } attached)
        {
            throw new InvalidOperationException($"The quota belongs to node {attached.Port.Handle} already: make a {nameof(BrokerQuota)} for each node.");
        }

        if (_options.Serve is not null && port.Handle.Id != _brokerNode)
        {
            throw new PastException(
                $"The broker is looked for at node {_brokerNode}, and this is {port.Handle.Id}: give the broker its node's key, or set {nameof(BrokerQuotaOptions.BrokerNode)} on all nodes.");
        }

        var dialog = new BrokerDialog(port, _options.Broker, _closing.Token);
        var contributor = _options.Contribution is null ? null : new Contributor(port, _options, dialog, _logger, _closing.Token);
        _shell = new Shell(
            port,
            dialog,
            new PermitLines(port, _options.Broker, dialog, _closing.Token),
            new CreditClaims(port, dialog, RetryInterval, _closing.Token))
        {
            Contributor = contributor,
            Answers = new BackgroundWork(AnsweredMax, WaitingMax, port.Start, Failed),
        };
        if (contributor is not null)
        {
            port.Start(contributor.KeepAsync);
        }
    }

    void IPastryModule.Perform(object effect)
    {
        var shell = Started;
        switch ((BrokerEffect)effect)
        {
            case AnswerRequest request:
                if (!shell.Answers.TryStart(request.From.Id, () => AnswerAsync(shell.Port, _options.Serve!, request)))
                {
                    _logger.Overloaded("a question to the broker");
                }

                break;
            case BrokerReplied replied:
                shell.Port.Start(() => Done(() => shell.Dialog.Apply(replied)));
                break;
            case BrokerSilent silent:
                shell.Port.Start(() => Done(() => shell.Dialog.Apply(silent)));
                break;
            default:
                break;
        }
    }

    /// <summary>Stops all work. The node does this when it stops.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        _closing.Cancel();
        if (_shell is not null)
        {
            await _shell.Answers.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static Task Done(Action work)
    {
        work();
        return Task.CompletedTask;
    }

    private async Task AnswerAsync(INodePort port, Broker broker, AnswerRequest request)
    {
        if (await broker.AnswerAsync(request.From.Id, request.Request, _closing.Token).ConfigureAwait(false) is { } answer)
        {
            await port.PostAsync(new BrokerAnswered(request.From, request.Request.Operation, answer), _closing.Token).ConfigureAwait(false);
        }
    }

    private void Failed(Exception exception)
    {
        if (!PastPort.IsStopping(exception))
        {
            _logger.WorkFailed(exception);
        }
    }

    private sealed record Shell(INodePort Port, BrokerDialog Dialog, PermitLines Lines, CreditClaims Credits)
    {
        public required Contributor? Contributor { get; init; }

        public required BackgroundWork Answers { get; init; }
    }
}
