using P2P.Pastry;
using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;
using Pastry.Tests.Wire;

namespace Pastry.Tests.Fuzz;

/// <summary>
/// Thinks of what comes next from peers that answer when they like and lie when they like: true answers, made-up ones, earlier ones again,
/// and messages whose bytes were mutated, from several lives of each.
/// </summary>
internal sealed class HostilePeers
{
    private const int PeersMax = 24;
    private const int LivesMax = 4;
    private const int Remembered = 200;

    private readonly Random _random;
    private readonly Mutator _mutator;
    private readonly NodeHandle _self;
    private readonly PastryOptions _options;
    private readonly PastryApplicationId _application;
    private readonly NodeId[] _ids;
    private readonly double _honesty;
    private readonly List<(NodeHandle From, Message Message)> _answers = [];
    private readonly List<(NodeHandle From, Message Message)> _past = [];
    private readonly List<ulong> _nonces = [0];

    public HostilePeers(int seed, NodeHandle self, PastryOptions options, PastryApplicationId application)
    {
        _mutator = new Mutator(seed);
        _random = _mutator.Random;
        (_self, _options, _application) = (self, options, application);
        _ids = [.. Enumerable.Range(0, _random.Next(2, PeersMax + 1)).Select(index => Place(index)).Where(id => id != self.Id).Distinct()];
        _honesty = _random.NextDouble();
    }

    /// <summary>Somebody who exists, mostly in its second life.</summary>
    public NodeHandle Somebody()
    {
        var life = _random.NextDouble() < _honesty ? 2 : _random.Next(1, LivesMax + 1);
        return new(_ids[_random.Next(_ids.Length)], (ulong)life, [new NodeAddress($"host-{_random.Next(3)}.example", 1)]);
    }

    /// <summary>Somebody whom others may name: mostly one who exists, else an invention.</summary>
    public NodeHandle Anybody() => _random.Next(10) switch
    {
        0 => Nodes.At(_random.NextId(), (ulong)_random.NextInt64()),
        1 => Nodes.At(_random.NextEdgyId(), ulong.MaxValue),
        2 => Nodes.At(new NodeId(unchecked(_self.Id.Value + (UInt128)_random.Next(7) - 3)), (ulong)_random.Next(3)),
        3 => _self,
        _ => Somebody(),
    };

    public NodeId AnyKey() => _random.Next(3) switch { 0 => _random.NextId(), 1 => _self.Id, _ => Anybody().Id };

    /// <summary>Learns what the node under test has sent; some of it is answered later.</summary>
    public void Hear(in Outgoing sent, Instant now)
    {
        if (sent.Message.Payload.Content is JoinRequestBody request)
        {
            _nonces.Add(request.Nonce);
        }

        if (_random.Next(8) != 0 && Answer(sent.Message, now) is { } answer)
        {
            _answers.Add((sent.To, answer));
            if (_answers.Count > Remembered)
            {
                _answers.RemoveAt(_random.Next(_answers.Count));
            }
        }
    }

    /// <summary>Gives what somebody says next, and whether it is an honest answer.</summary>
    public (NodeHandle From, Message Message) Next(Instant now, out bool isHonest)
    {
        isHonest = _answers.Count > 0 && _random.NextDouble() < _honesty;
        if (isHonest)
        {
            return TakeAnswer();
        }

        var next = _random.Next(6) switch
        {
            0 when _past.Count > 0 => _past[_random.Next(_past.Count)],
            // One's words in another's mouth.
            1 when _past.Count > 0 => (Somebody(), _past[_random.Next(_past.Count)].Message),
            2 when _answers.Count > 0 => TakeAnswer(),
            _ => (Somebody(), Invent(now)),
        };
        if (_past.Count < Remembered)
        {
            _past.Add(next);
        }
        else
        {
            _past[_random.Next(Remembered)] = next;
        }

        return next;
    }

    /// <summary>Mutates a message's bytes; where they are no message any more, gives the message as it was.</summary>
    public Message Mutated(in Message message) =>
        MessageFormat.TryRead(_mutator.Next([Bytes.Of(message)]), out var read) && !read.IsOfApplication ? read : message;

    private NodeId Place(int index) => (index % 4) switch
    {
        // Around the node itself, at the far end of the ring and at its edges, and anywhere.
        0 => new NodeId(unchecked(_self.Id.Value + (UInt128)(uint)index - PeersMax / 2)),
        1 => _random.NextEdgyId(),
        2 => new NodeId(unchecked(_self.Id.Value + (UInt128.One << (5 * index)))),
        _ => _random.NextId(),
    };

    private (NodeHandle From, Message Message) TakeAnswer()
    {
        var index = _random.Next(_answers.Count);
        var answer = _answers[index];
        _answers.RemoveAt(index);
        return answer;
    }

    private Message? Answer(in Message message, Instant now) => message.Kind switch
    {
        MessageKind.LeafSetProbe => Message.Control(MessageKind.LeafSetReply, message.Sequence, LeafSet()),
        MessageKind.Ping => Message.Control(MessageKind.Pong, message.Sequence),
        MessageKind.RowRequest => Message.Control(MessageKind.RowReply, 0, new RowBody(Row(), Proximities())),
        MessageKind.Lease when (LeaseBody)message.Payload.Content! is { Stamp: var stamp } => Message.Control(
            MessageKind.Lease, 0, _random.NextDouble() < _honesty ? new LeaseBody(now, stamp, LeaseFlags.Grant | LeaseFlags.AnswerWanted, [], null) : Lease(now, stamp)),
        MessageKind.JoinRequest when _random.Next(2) == 0 => Message.Control(MessageKind.JoinReply, 0, JoinReply()),
        MessageKind.Routed or MessageKind.JoinRequest => Message.Control(MessageKind.Acknowledgement, message.Sequence),
        _ => null,
    };

    private float[] Proximities() => [.. Enumerable.Range(0, _random.Next(4)).Select(_ => _random.Next(4) switch
    {
        0 => float.NaN,
        1 => float.NegativeInfinity,
        _ => (float)_random.NextDouble() * 100,
    })];

    private Message Invent(Instant now) => _random.Next(16) switch
    {
        0 => Message.Control(MessageKind.Acknowledgement, (uint)_random.Next(64)),
        1 => JoinRequest(),
        2 => Message.Control(MessageKind.JoinReply, 0, JoinReply()),
        3 or 4 => Message.Control(MessageKind.LeafSetProbe, (uint)_random.Next(64), LeafSet()),
        5 => Message.Control(MessageKind.LeafSetReply, (uint)_random.Next(64), LeafSet()),
        6 or 7 => Message.Control(MessageKind.Lease, 0, Lease(now, now - TimeSpan.FromSeconds(_random.Next(30)))),
        8 => Message.Control(MessageKind.Ping, (uint)_random.Next(64)),
        9 => Message.Control(MessageKind.RowRequest, 0, new RowRequestBody(_random.Next(Limits.Rows))),
        10 => Message.Control(MessageKind.RowReply, 0, new RowBody(Row(), Proximities())),
        11 => Message.Control(MessageKind.RowAnnouncement, 0, new RowBody(Row(), Proximities())),
        12 => Message.Control(_random.Next(3) == 0 ? MessageKind.Departure : MessageKind.Pong, (uint)_random.Next(64)),
        13 => new Message { Kind = MessageKind.Direct, Application = _application, Payload = Sealed.Make(_random) },
        14 => new Message { Kind = (MessageKind)_random.Next(256), Key = AnyKey(), Payload = Sealed.Make(_random) },
        _ => new Message
        {
            Kind = MessageKind.Routed,
            Hops = (byte)_random.Next(70),
            Sequence = (uint)_random.Next(64),
            Application = _random.Next(8) == 0 ? default : _application,
            Key = AnyKey(),
            Payload = Sealed.Make(_random),
        },
    };

    private Message JoinRequest()
    {
        var joiner = Anybody();
        var parameters = _random.Next(4) == 0 ? new RingParameters(_random.Next(), -1) : RingParameters.Of(_options);
        return new Message
        {
            Kind = MessageKind.JoinRequest,
            Hops = (byte)_random.Next(3),
            Sequence = (uint)_random.Next(64),
            Key = _random.Next(8) == 0 ? AnyKey() : joiner.Id,
            Payload = Payload.FromContent(new JoinRequestBody(joiner, Rows(), Many(8), (ulong)_random.NextInt64(), parameters)),
        };
    }

    private JoinReplyBody JoinReply() =>
        new(Rows(), Many(2 * _options.LeafSetSize), Many(8), _nonces[_random.Next(_nonces.Count)], _random.Next(16) == 0 ? new RingParameters(9, 0) : RingParameters.Of(_options));

    private LeafSetBody LeafSet() => new(Many(_random.Next(8) == 0 ? Limits.HandlesPerList : _options.LeafSetSize), Many(4));

    private TableRow Row() => new(_random.Next(Limits.Rows), Many(_random.Next(16) == 0 ? Limits.HandlesPerRow : 8));

    private TableRow[] Rows() => [.. Enumerable.Range(0, _random.Next(4)).Select(_ => Row())];

    private NodeHandle[] Many(int max) => [.. Enumerable.Range(0, _random.Next(max + 1)).Select(_ => Anybody())];

    private LeaseBody Lease(Instant now, Instant echo)
    {
        var stamp = _random.Next(8) switch { 0 => new Instant(long.MaxValue), 1 => new Instant(long.MinValue), _ => now };
        NodeId[] beyond = [.. Many(Limits.NeighborsBeyond).Select(node => node.Id)];
        return new LeaseBody(
            stamp,
            _random.Next(8) == 0 ? new Instant(_random.NextInt64()) : echo,
            _random.Next(2) == 0 ? LeaseFlags.Grant | LeaseFlags.AnswerWanted : (LeaseFlags)_random.Next(32),
            beyond,
            _random.Next(6) == 0 ? Anybody().Id : null);
    }
}
