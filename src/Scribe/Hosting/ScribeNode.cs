using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using P2P.Pastry;
using P2P.Scribe.Protocol;
using P2P.Scribe.Wire;

namespace P2P.Scribe;

/// <summary>
/// Is SCRIBE on a node: it forwards for the ring's groups, and lets its user begin, join and speak in groups. Put it into
/// <see cref="PastryNodeOptions.Modules"/>.
/// </summary>
/// <example>
/// <code>
/// var scribe = new ScribeNode();
/// await using var node = await PastryNode.StartAsync(new PastryNodeOptions { Modules = { scribe }, Bootstraps = { address } });
/// await node.WhenReadyAsync();
/// if (await scribe.JoinAsync(group) is JoinResult.Joined joined)
/// {
///     await joined.Group.PublishAsync("Hello"u8.ToArray());
/// }
/// </code>
/// </example>
public sealed class ScribeNode : IScribe, IPastryModule
{
    /// <summary>The most bytes of a message: 60 KiB.</summary>
    public const int MaxContentLength = SignedBatch.MaxContentLength;

    /// <summary>The most bytes of what an anycast asks: 16 KiB.</summary>
    public const int MaxAnycastContentLength = 16 * 1024;

    private readonly ScribeMachine _machine;
    private readonly ScribeMetrics _metrics;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<ScribeSnapshot>> _snapshots = new();
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<CreateOutcome?>> _creations = new();
    private readonly ConcurrentDictionary<ulong, PendingJoin> _joins = new();
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<AnycastResult>> _anycasts = new();
    private long _lastOperation;
    private Shell? _shell;
    private KnownBatches? _known;

    /// <summary>Prepares SCRIBE for a node.</summary>
    /// <exception cref="ScribeException">An option is outside of its range.</exception>
    public ScribeNode(ScribeNodeOptions? options = null)
    {
        _machine = new ScribeMachine((options ?? new()).Protocol);
        _metrics = ScribeMetrics.Of(options?.MeterFactory);
        _logger = (ILogger?)options?.LoggerFactory?.CreateLogger<ScribeNode>() ?? NullLogger.Instance;
    }

    /// <inheritdoc/>
    public PublicKey PublicKey => Started.Members.NodeSigner.PublicKey;

    PastryApplication IPastryModule.Application => _machine;

    internal ScribeMachine Machine => _machine;

    private Shell Started =>
        _shell ?? throw new InvalidOperationException($"{nameof(ScribeNode)} belongs to no node yet: put it into PastryNodeOptions.Modules and start the node.");

    /// <inheritdoc/>
    public async ValueTask<CreateResult> CreateAsync(string name, ISigner creator, GroupPolicy? policy = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(creator);
        var port = Started.Port;
        var certificate = await GroupCertificate.CreateAsync(name, creator, policy ?? new(), port.Time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        var operation = NewOperation();
        var ended = _creations[operation] = new();
        try
        {
            await TellAsync(new CreateGroup(operation, certificate), cancellationToken).ConfigureAwait(false);
            return await ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false) switch
            {
                CreateOutcome.Created => new CreateResult.Created(certificate),
                CreateOutcome.Exists => new CreateResult.Exists(certificate.Id),
                CreateOutcome.Refused => new CreateResult.Refused(),
                _ => new CreateResult.Indeterminate(),
            };
        }
        finally
        {
            _creations.TryRemove(operation, out _);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<JoinResult> JoinAsync(GroupId group, JoinOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new JoinOptions();
        options.Validate();
        var port = Started.Port;
        var operation = NewOperation();
        var join = _joins[operation] = new PendingJoin(options);
        try
        {
            await TellAsync(new JoinGroup(operation, group, options.Capability, new HistoryWish(options.HistoryCount, options.HistoryDuration), options.TakesAnycasts), cancellationToken).ConfigureAwait(false);
            return await join.Ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!port.Stopping.IsCancellationRequested)
        {
            await GiveUpAsync(join, operation, group).ConfigureAwait(false);
            throw;
        }
        finally
        {
            _joins.TryRemove(operation, out _);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<AnycastResult> AnycastAsync(
        GroupId group, ReadOnlyMemory<byte> content, AnycastOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (content.Length > MaxAnycastContentLength)
        {
            throw new ArgumentException($"An anycast has at most {MaxAnycastContentLength} bytes, not {content.Length}; say where more can be fetched.", nameof(content));
        }

        var port = Started.Port;
        var signer = options?.Author is { } author ? BatchSigner.Of(author) : Started.Members.NodeSigner;
        var operation = RandomOperation(port);
        var request = await SignedBatch.CreateAsync(
            group,
            signer.PublicKey,
            isOrdered: false,
            new GroupPosition((uint)port.Time.GetUtcNow().ToUnixTimeSeconds(), NewOperation()),
            [new BatchItem(SystemClass.Anycast, operation, content)],
            options?.Capability,
            signer.SignAsync).ConfigureAwait(false);
        var ended = _anycasts[operation] = new();
        try
        {
            await TellAsync(new StartAnycast(operation, request), cancellationToken).ConfigureAwait(false);
            return await ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!port.Stopping.IsCancellationRequested)
        {
            await TellAsync(new CancelAnycast(operation), CancellationToken.None).ConfigureAwait(false);
            throw;
        }
        finally
        {
            _anycasts.TryRemove(operation, out _);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ScribeSnapshot> GetSnapshotAsync(CancellationToken cancellationToken = default)
    {
        var operation = NewOperation();
        var taken = _snapshots[operation] = new();
        try
        {
            await TellAsync(new TakeSnapshot(operation), cancellationToken).ConfigureAwait(false);
            return await taken.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _snapshots.TryRemove(operation, out _);
        }
    }

    void IPastryModule.Attach(INodePort port)
    {
        if (_shell is not null)
        {
            throw new InvalidOperationException($"This {nameof(ScribeNode)} belongs to a node already: make one for each node.");
        }

        // Whoever brings a clock of its own simulates, or wants runs that do not depend on each other.
        _known = port.Time == TimeProvider.System ? KnownBatches.OfProcess : null;
        _known?.Enter();
        _shell = new Shell(port, new MembershipTable(port, _metrics, _known), new SignatureChecks(port, _known));
        _metrics.Add(_machine.Counters);
    }

    void IPastryModule.Perform(object effect)
    {
        var (port, members, checks) = Started;
        switch ((ScribeEffect)effect)
        {
            case Verify verify:
                checks.Add(verify);
                break;
            case Deliver deliver:
                members.Deliver(deliver);
                break;
            case ReportGap gap:
                members.Report(gap);
                break;
            case ReportDropped dropped:
                members.Report(dropped);
                break;
            case PublicationEnded ended:
                members.OnEnded(ended);
                break;
            case CreateEnded ended when _creations.TryGetValue(ended.Operation, out var creation):
                Complete(port, () => creation.TrySetResult(ended.Outcome));
                break;
            case JoinEnded ended:
                OnEnded(ended);
                break;
            case MembershipsEnded ended:
                members.OnEnded(ended);
                break;
            case ScribeNote note:
                if (note is Grafted grafted)
                {
                    _metrics.Depth.Record(grafted.Depth);
                }

                _logger.Note(note);
                break;
            case SnapshotTaken taken when _snapshots.TryGetValue(taken.Operation, out var snapshot):
                Complete(port, () => snapshot.TrySetResult(taken.Snapshot));
                break;
            case SayPresent present:
                members.SayPresent(present.Group);
                break;
            case MemberJoined joined:
                members.OnJoined(joined);
                break;
            case MemberLeft left:
                members.OnLeft(left);
                break;
            case AskMember ask:
                members.Ask(ask);
                break;
            case AnycastEnded ended when _anycasts.TryGetValue(ended.Operation, out var anycast):
                Complete(port, () => anycast.TrySetResult(ResultOf(ended)));
                break;
            default:
                break;
        }
    }

    /// <summary>Ends all memberships. The node does this when it stops.</summary>
    public ValueTask DisposeAsync()
    {
        _shell?.Members.EndAll();
        Interlocked.Exchange(ref _known, null)?.Leave();
        _metrics.Remove(_machine.Counters);
        foreach (var snapshot in _snapshots.Values)
        {
            snapshot.TrySetException(Stopped());
        }

        foreach (var creation in _creations.Values)
        {
            creation.TrySetException(Stopped());
        }

        foreach (var join in _joins.Values)
        {
            join.Ended.TrySetException(Stopped());
        }

        foreach (var anycast in _anycasts.Values)
        {
            anycast.TrySetException(Stopped());
        }

        return ValueTask.CompletedTask;
    }

    private static ScribeException Stopped(Exception? cause = null) => cause is null ? new("The node has stopped.") : new("The node has stopped.", cause);

    private static AnycastResult ResultOf(AnycastEnded ended) => ended.Outcome switch
    {
        AnycastOutcome.Accepted => new AnycastResult.Accepted(ended.Node, ended.Reply),
        AnycastOutcome.NobodyAccepted => new AnycastResult.NobodyAccepted(),
        AnycastOutcome.NotFound => new AnycastResult.NotFound(),
        AnycastOutcome.Denied => new AnycastResult.Denied(),
        _ => new AnycastResult.Unreachable(),
    };

    private static void Complete(INodePort port, Action completion) => port.Start(() =>
    {
        completion();
        return Task.CompletedTask;
    });

    /// <summary>Who has not seen the request can't answer it.</summary>
    private static ulong RandomOperation(INodePort port)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        port.FillRandom(bytes);
        return BitConverter.ToUInt64(bytes);
    }

    /// <summary>Hands the machine an input, once there is room for it.</summary>
    /// <exception cref="ScribeException">The node has stopped.</exception>
    private async ValueTask TellAsync(ScribeInput input, CancellationToken cancellationToken)
    {
        try
        {
            await Started.Port.PostAsync(input, cancellationToken).ConfigureAwait(false);
        }
        catch (PastryException exception)
        {
            throw Stopped(exception);
        }
    }

    private ulong NewOperation() => (ulong)Interlocked.Increment(ref _lastOperation);

    /// <summary>A member gets everything from the moment on that it is one: so the membership begins within the node's step, before anything else is delivered.</summary>
    private void OnEnded(JoinEnded ended)
    {
        var (port, members, _) = Started;
        if (!_joins.TryGetValue(ended.Operation, out var join))
        {
            if (ended.Certificate is { } certificate)
            {
                port.Start(() => port.PostAsync(new LeaveGroup(certificate.Id, ended.TakesAnycasts), port.Stopping).AsTask());
            }

            return;
        }

        JoinResult result = ended.Outcome switch
        {
            JoinOutcome.Grafted => new JoinResult.Joined(members.Add(ended.Certificate!, join.Options)),
            JoinOutcome.NotFound => new JoinResult.NotFound(),
            JoinOutcome.Denied => new JoinResult.Denied(),
            JoinOutcome.Full => new JoinResult.TooManyGroups(),
            _ => new JoinResult.Unreachable(),
        };
        join.Membership = (result as JoinResult.Joined)?.Group;
        Complete(port, () => join.Ended.TrySetResult(result));
    }

    private async ValueTask GiveUpAsync(PendingJoin join, ulong operation, GroupId group)
    {
        if (join.Membership is { } membership)
        {
            await membership.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            await TellAsync(new CancelJoin(operation, group), CancellationToken.None).ConfigureAwait(false);
        }
    }

    private sealed class PendingJoin(JoinOptions options)
    {
        public JoinOptions Options => options;

        public TaskCompletionSource<JoinResult> Ended { get; } = new();

        public IGroup? Membership { get; set; }
    }

    private sealed record Shell(INodePort Port, MembershipTable Members, SignatureChecks Checks);
}
