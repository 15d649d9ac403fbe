using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Brings a node into the ring (§2.4): a bootstrap routes its request to the node closest to it, the nodes on the way give rows, the last
/// one its leaf set; then every member of that is probed. An attempt that fails is followed by another, through the next contact, with
/// pauses that grow with each round through all of them. Behind the bootstraps come the nodes that this one remembers from an earlier life, or, where it has lost
/// everybody and joins anew, those of its table.
/// </summary>
internal sealed class JoinOperation(NodeState state, IRing ring)
{
    /// <summary>How many nodes a node tries that it knows or remembers.</summary>
    private const int KnownContactsMax = 16;

    private Deadline _deadline = new(TimerKind.Join);
    private Stage _stage;
    private NearestContact? _search;
    private NodeHandle[] _known = [];
    private NodeHandle? _asked;
    private int _attempt;
    private int _refusals;
    private ulong _nonce;

    private enum Stage
    {
        Idle,
        Pausing,
        Resolving,
        Approaching,
        Requesting,
        Probing,
    }

    /// <summary>How many bootstraps the node was started with; none where it founded the ring.</summary>
    public int BootstrapCount { get; private set; }

    /// <summary>Tells whether the newcomer's leaf set is being probed.</summary>
    public bool IsProbing => _stage == Stage.Probing;

    private int ContactCount => BootstrapCount + _known.Length;

    private int Contact => (_attempt - 1) % ContactCount;

    /// <summary>Tells whether the node begins a ring where it finds none: it was started as its founder, and is not told to wait.</summary>
    private bool MayFound => BootstrapCount == 0 && !state.IsJoined && (state.Options.StandsAlone ?? true);

    /// <summary>Joins through the bootstraps, then through remembered nodes. A node that was given no bootstraps founds a ring where nobody answers.</summary>
    public void Start(int bootstrapCount, IEnumerable<NodeHandle> remembered)
    {
        BootstrapCount = bootstrapCount;
        _known = [.. remembered.Where(node => node.Id != state.Self.Id).Take(KnownContactsMax)];
        _attempt = 0;
        _refusals = 0;
        if (ContactCount == 0)
        {
            ring.Found([]);
            return;
        }

        Attempt();
    }

    /// <summary>Joins anew, through the bootstraps and what the table still holds; without either, there is nobody to ask.</summary>
    public void StartAgain()
    {
        var known = new List<NodeHandle>(KnownContactsMax);
        for (var row = 0; row < state.Table.RowCount && known.Count < KnownContactsMax; row++)
        {
            known.AddRange(state.Table.Row(row).Take(KnownContactsMax - known.Count));
        }

        _known = [.. known];
        _attempt = 0;
        if (ContactCount > 0)
        {
            Attempt();
        }
        else
        {
            Finish();
        }
    }

    /// <summary>Stops joining anew: somebody has been met.</summary>
    public void StopAgain()
    {
        if (_stage != Stage.Probing)
        {
            Finish();
        }
    }

    public void BootstrapResolved(int index, NodeHandle bootstrap)
    {
        if (_stage != Stage.Resolving || index != Contact)
        {
            return;
        }

        if (bootstrap.Id == state.Self.Id)
        {
            Fail("the bootstrap address leads to this node itself");
            return;
        }

        if (_attempt > BootstrapCount)
        {
            // Whom a search has led astray goes the straight way.
            Request(bootstrap);
            return;
        }

        _stage = Stage.Approaching;
        Arm(state.Options.JoinTimeout / 2);
        _search = new NearestContact(state);
        _search.Start(bootstrap);
    }

    public void BootstrapUnreachable(int index, string reason)
    {
        if (_stage == Stage.Resolving && index == Contact)
        {
            Fail(reason.TrimEnd('.'));
        }
    }

    /// <summary>Takes a row while the newcomer looks for a near node to join through.</summary>
    public void ReceiveRow(NodeHandle from, RowBody body)
    {
        if (_stage == Stage.Approaching && _search!.Receive(from, body.Row))
        {
            Request(_search.Found);
        }
    }

    /// <summary>Takes a measurement while the newcomer looks for a near node to join through.</summary>
    public void Measured(NodeHandle node, float proximity)
    {
        if (_stage == Stage.Approaching && _search!.Measured(node, proximity))
        {
            Request(_search.Found);
        }
    }

    public void BootstrapRefused(int index, string reason)
    {
        if (_stage == Stage.Resolving && index == Contact)
        {
            Refused(reason);
        }
    }

    /// <summary>Takes the transport's word that a node can't be reached. The one that was asked has passed nothing on, and is not waited for.</summary>
    public void PeerDown(NodeHandle peer)
    {
        if (_stage == Stage.Requesting && peer.Equals(_asked))
        {
            Fail($"node {peer} can't be reached");
        }
    }

    public void ReceiveReply(NodeHandle from, JoinReplyBody body)
    {
        if (_stage != Stage.Requesting || body.Nonce != _nonce)
        {
            return;
        }

        if (body.Parameters != RingParameters.Of(state.Options))
        {
            Refused(body.Parameters.DifferFrom(RingParameters.Of(state.Options)));
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
            ring.Probe(node, from);
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
        if (MayFound && _attempt >= ContactCount)
        {
            Finish();
            ring.Found(_known);
            return;
        }

        var pause = state.Options.JoinTimeout / 10 * Math.Pow(2, Math.Min((_attempt - 1) / ContactCount, 20));
        pause = state.Random.Jitter(pause < state.Options.JoinBackoffMax ? pause : state.Options.JoinBackoffMax, spread: 0.25);
        _stage = Stage.Pausing;
        _refusals = 0;
        state.Counters.JoinsFailed++;
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
            case Stage.Approaching:
                Request(_search!.Found);
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

    /// <summary>
    /// The ring is set to something else than this node, or does not admit it. One contact may err or lie; when each of the bootstraps has said so in turn, the node
    /// gives up. One that has been part of the ring goes on trying.
    /// </summary>
    private void Refused(string reason)
    {
        var refusals = _refusals + 1;
        if (refusals >= (BootstrapCount > 0 ? BootstrapCount : ContactCount) && !state.IsJoined)
        {
            Finish();
            state.Output.Perform(new JoinRefused(reason));
            return;
        }

        Fail(reason.TrimEnd('.'));
        _refusals = refusals;
    }

    private void Attempt()
    {
        _attempt++;
        if (Contact >= BootstrapCount)
        {
            Request(_known[Contact - BootstrapCount]);
            return;
        }

        _stage = Stage.Resolving;
        Arm(state.Options.JoinTimeout);
        state.Output.Perform(new ResolveBootstrap(Contact));
    }

    private void Request(NodeHandle contact)
    {
        _stage = Stage.Requesting;
        (_asked, _search) = (contact, null);
        Arm(state.Options.JoinTimeout);
        _nonce = state.NextSecret();
        state.Counters.Sent(MessageKind.JoinRequest);
        state.Output.Send(contact, new Message
        {
            Kind = MessageKind.JoinRequest,
            Key = state.Self.Id,
            Payload = Payload.FromContent(new JoinRequestBody(state.Self, [], [], _nonce, RingParameters.Of(state.Options))),
        });
    }

    private void Arm(TimeSpan span)
    {
        _deadline.Disarm();
        _deadline.Arm(state.Now + span, state.Output);
    }
}
