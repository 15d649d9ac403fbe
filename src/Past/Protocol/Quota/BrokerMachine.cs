using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Is a broker's part of a node as a state machine: it asks the broker's node in the name of this node's users, and where this is that node, hands what others ask to
/// the broker. The node is found by routing to its id; a routed message proves nothing about its client, so the search is answered by no more than an invitation,
/// and all else is said directly.
/// </summary>
/// <param name="broker">The id of the node that the broker runs on.</param>
/// <param name="serves">Whether this is that node.</param>
/// <param name="timeout">How long an answer is waited for before the question is asked again.</param>
/// <param name="attemptsMax">How often it is asked.</param>
internal sealed class BrokerMachine(NodeId broker, bool serves, TimeSpan timeout, int attemptsMax)
    : PastryApplication(PastryApplicationId.FromName("p2p/past/broker"))
{
    private readonly Dictionary<ulong, Question> _asked = [];
    private NodeHandle? _node;
    private ulong _search;
    private Instant _searchedUntil;

    protected override void Deliver(in RoutedMessage message, IOverlay overlay)
    {
        if (serves && PastFormat.Read(message.Payload) is BrokerSearch { Operation: not 0 } search)
        {
            Send(overlay, search.Client, new Invitation(search.Operation));
        }
    }

    protected override void Receive(NodeHandle from, in Payload payload, IOverlay overlay)
    {
        switch (PastFormat.Read(payload))
        {
            case Invitation invitation when from.Id == broker && invitation.Operation == _search:
                OnInvited(from, overlay);
                break;
            case BrokerRequest { Operation: not 0 } request when serves:
                overlay.Perform(new AnswerRequest(from, request));
                break;
            case BrokerReply reply when from.Id == broker && _asked.ContainsKey(reply.Operation):
                overlay.Perform(new BrokerReplied(reply.Operation, reply.Statement));
                break;
            default:
                break;
        }
    }

    protected override void Handle(object input, IOverlay overlay)
    {
        switch ((BrokerInput)input)
        {
            case AskBroker ask:
                var question = new Question(ask.Request);
                _asked.Add(ask.Request.Operation, question);
                Attempt(question, overlay);
                break;
            case EndQuestion end:
                _asked.Remove(end.Operation);
                break;
            case BrokerAnswered answered:
                Send(overlay, answered.To, new BrokerReply(answered.Operation, answered.Statement));
                break;
            default:
                break;
        }
    }

    protected override void PeerDown(NodeHandle peer, IOverlay overlay)
    {
        if (peer.Equals(_node))
        {
            _node = null;
        }
    }

    /// <summary>The tokens are the questions' operations.</summary>
    protected override void Expire(ulong token, IOverlay overlay)
    {
        if (!_asked.TryGetValue(token, out var question) || overlay.Now < question.Due)
        {
            return;
        }

        if (question.Attempts >= attemptsMax)
        {
            _asked.Remove(token);
            overlay.Perform(new BrokerSilent(token));
            return;
        }

        // It may have come back elsewhere, or in another life.
        _node = null;
        Attempt(question, overlay);
    }

    private void Attempt(Question question, IOverlay overlay)
    {
        question.Attempts++;
        question.Due = overlay.Now + timeout;
        overlay.SetTimer(question.Request.Operation, question.Due);
        if (serves)
        {
            _node = overlay.Self;
        }

        if (_node is not null)
        {
            Send(overlay, _node, question.Request);
        }
        else if (_searchedUntil <= overlay.Now)
        {
            _search = overlay.NextRandom() | 1;
            _searchedUntil = overlay.Now + timeout / 2;
            overlay.Route(broker, Payload.FromContent(new BrokerSearch(_search, overlay.Self)), options: RouteOptions.Prompt);
        }
    }

    private void OnInvited(NodeHandle from, IOverlay overlay)
    {
        (_node, _search, _searchedUntil) = (from, 0, Instant.Zero);
        foreach (var question in _asked.Values)
        {
            Send(overlay, from, question.Request);
        }
    }

    private static void Send(IOverlay overlay, NodeHandle to, PastMessage message) => overlay.Send(to, Payload.FromContent(message));

    private sealed class Question(BrokerRequest request)
    {
        public BrokerRequest Request => request;

        public int Attempts { get; set; }

        public Instant Due { get; set; }
    }
}
