using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Brings a node into the ring (§2.4): a bootstrap routes its request to the node closest to it, the nodes on the way give rows, the last
/// one its leaf set; then every member of that is probed. An attempt that fails is followed by another, through the next bootstrap, with
/// growing pauses.
/// </summary>
internal sealed class JoinOperation(NodeState state, IRing ring)
{
    private Deadline _deadline = new(TimerKind.Join);
    private Stage _stage;
    private int _bootstrapCount;
    private int _attempt;

    private enum Stage
    {
        Idle,
        Pausing,
        Resolving,
        Requesting,
        Probing,
    }

    /// <summary>Tells whether the newcomer's leaf set is being probed.</summary>
    public bool IsProbing => _stage == Stage.Probing;

    private int BootstrapIndex => (_attempt - 1) % _bootstrapCount;

    public void Start(int bootstrapCount)
    {
        _bootstrapCount = bootstrapCount;
        _attempt = 0;
        Attempt();
    }

    public void BootstrapResolved(int index, NodeHandle bootstrap)
    {
        if (_stage != Stage.Resolving || index != BootstrapIndex)
        {
            return;
        }

        if (bootstrap.Id == state.Self.Id)
        {
            Fail("the bootstrap address leads to this node itself");
            return;
        }

        _stage = Stage.Requesting;
        state.Counters.Sent(MessageKind.JoinRequest);
        state.Output.Send(bootstrap, new Message
        {
            Kind = MessageKind.JoinRequest,
            Key = state.Self.Id,
            Payload = Payload.FromContent(new JoinRequestBody(state.Self, [], [])),
        });
    }

    public void BootstrapUnreachable(int index, string reason)
    {
        if (_stage == Stage.Resolving && index == BootstrapIndex)
        {
            Fail(reason);
        }
    }

    public void ReceiveReply(JoinReplyBody body)
    {
        if (_stage != Stage.Requesting)
        {
            return;
        }

        _stage = Stage.Probing;
        Arm(state.Options.JoinTimeout);
        state.Learn(body.Near);
        foreach (var row in body.Rows)
        {
            state.Learn(row.Nodes);
        }

        foreach (var node in body.LeafSet)
        {
            ring.Probe(node);
        }

        ring.ProbesSettled();
    }

    /// <summary>Ends when the leaf set has been probed.</summary>
    public void Finish()
    {
        _stage = Stage.Idle;
        _deadline.Disarm();
    }

    /// <summary>Gives this attempt up and plans the next.</summary>
    public void Fail(string reason)
    {
        var pause = state.Options.JoinTimeout / 10 * Math.Pow(2, Math.Min(_attempt - 1, 20));
        pause = state.Random.Jitter(pause < state.Options.JoinBackoffMax ? pause : state.Options.JoinBackoffMax, spread: 0.25);
        _stage = Stage.Pausing;
        Arm(pause);
        state.Output.Perform(new JoinAttemptFailed(_attempt, reason, state.Now + pause));
    }

    public void Expire(TimerKey timer)
    {
        if (!_deadline.TryTake(timer))
        {
            return;
        }

        switch (_stage)
        {
            case Stage.Pausing:
                Attempt();
                break;
            case Stage.Resolving:
                Fail("the bootstrap address did not answer in time");
                break;
            case Stage.Requesting:
                Fail("the request to join was not answered in time");
                break;
            case Stage.Probing:
                Fail("the members of the leaf set did not answer in time");
                break;
            default:
                break;
        }
    }

    private void Attempt()
    {
        _attempt++;
        _stage = Stage.Resolving;
        Arm(state.Options.JoinTimeout);
        state.Output.Perform(new ResolveBootstrap(BootstrapIndex));
    }

    private void Arm(TimeSpan span)
    {
        _deadline.Disarm();
        _deadline.Arm(state.Now + span, state.Output);
    }
}
