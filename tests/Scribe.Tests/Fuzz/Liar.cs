using P2P.Pastry;
using P2P.Scribe;
using P2P.Scribe.Wire;
using Pastry.Tests.Fuzz;

namespace Scribe.Tests.Fuzz;

/// <summary>
/// Is a node of the ring that speaks for SCRIBE and means no good: it says what it has heard once more and in its own name, changes bytes of it, makes
/// messages up, and answers whoever speaks to it with nonsense that fits. Its key is its own: what others have signed it can only repeat.
/// </summary>
internal sealed class Liar(int seed, IReadOnlyList<NodeHandle> victims, GroupCertificate certificate) : PastryApplication(PastryApplicationId.FromName("p2p/scribe")), IPastryModule
{
    private const ulong Turn = 1;
    private const int Remembered = 300;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);

    private readonly Mutator _mutator = new(seed);
    private readonly List<byte[]> _heard = [];
    private bool _speaks;
    private bool _isSilenced;

    public PastryApplication Application => this;

    /// <summary>How much it has said.</summary>
    public int Said { get; private set; }

    private Random Random => _mutator.Random;

    public void Attach(INodePort port)
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>It says nothing any more.</summary>
    public void Silence() => _isSilenced = true;

    protected override void ReadyChanged(bool ready, IOverlay overlay)
    {
        if (ready && !_speaks)
        {
            _speaks = true;
            overlay.SetTimer(Turn, overlay.Now + Pause);
        }
    }

    protected override void Deliver(in RoutedMessage message, IOverlay overlay)
    {
        if (message.Origin is { } origin)
        {
            Say(origin, new RootFound(certificate.Id, exists: Random.Next(2) == 0), overlay);
        }
    }

    protected override void Receive(NodeHandle from, in Payload payload, IOverlay overlay)
    {
        var bytes = payload.ToArray();
        if (_heard.Count < Remembered)
        {
            _heard.Add(bytes);
        }
        else
        {
            _heard[Random.Next(Remembered)] = bytes;
        }

        if (Random.Next(2) == 0)
        {
            Say(from, AnswerTo(ScribeFormat.Read(payload), overlay), overlay);
        }
    }

    protected override void Expire(ulong token, IOverlay overlay)
    {
        for (var i = 0; i < 4; i++)
        {
            var victim = victims[Random.Next(victims.Count)];
            switch (Random.Next(3))
            {
                case 0 when _heard.Count > 0:
                    Say(victim, _heard[Random.Next(_heard.Count)], overlay);
                    break;
                case 1 when _heard.Count > 0:
                    Say(victim, _mutator.Next([.. _heard.OrderBy(_ => Random.Next()).Take(4)]), overlay);
                    break;
                default:
                    Say(victim, Invent(overlay), overlay);
                    break;
            }
        }

        overlay.SetTimer(Turn, overlay.Now + Pause);
    }

    private ScribeMessage AnswerTo(ScribeMessage? message, IOverlay overlay) => message switch
    {
        JoinRequest request => new JoinReply([.. request.Entries.Select(entry => new JoinReply.Entry(
            entry.Group, entry.Nonce, (JoinOutcome)Random.Next(7), certificate, [AnyNumber(), AnyNumber()], [AnyDigest()], [overlay.Self, Somebody()]) { Since = [Random.Next(2) == 0 ? 0 : AnyNumber()] })]),
        RootClaim claim => new RootPromise(claim.Group, claim.Nonce, Random.Next(2) == 0, certificate, AnyPosition()) { Epoch = (uint)Random.Next(5), Quorum = AnyQuorum(), Line = AnyLine() },
        RecordUpdate or BatchMessage { Kind: ScribeMessageKind.RecordAppend } => new RecordReply(certificate.Id, AnyPosition()) { QuorumVersion = AnyPosition(), Line = AnyLine() },
        BatchMessage { Kind: ScribeMessageKind.Publication } publication => new PublicationReply(
            certificate.Id, publication.Batch.IsOrdered, publication.Batch.Author.NodeId, publication.Batch.AuthorPosition, (PublicationOutcome)Random.Next(2), AnyPosition()),
        FlowMark mark => new FlowMark(mark.Group, Random.Next(2) == 0 ? mark.Mark : AnyNumber(), isAnswer: true),
        _ => Invent(overlay),
    };

    private ScribeMessage Invent(IOverlay overlay) => Random.Next(20) switch
    {
        0 => new JoinRequest([new JoinRequest.Entry(AnyGroup(), (uint)Random.Next(), Random.Next(2) == 0, Capability: null, TimeSpan.FromSeconds(Random.Next(100)))]),
        1 => new JoinReply([new JoinReply.Entry(AnyGroup(), 0, (JoinOutcome)Random.Next(7), certificate, [AnyNumber()], [AnyDigest()], [Somebody(), overlay.Self])]),
        2 => new LeaveNotice([certificate.Id, AnyGroup()]),
        3 => new Heartbeat(Random.Next(3), AnyNumber(), [(certificate.Id, AnyDigest())], Random.Next(2) == 0 ? [] : [certificate.Id, AnyGroup()]),
        4 => new LinkReport(new GroupId(default), new GroupId(new NodeId(UInt128.MaxValue)), [certificate.Id]),
        5 => new ReplayRequest(certificate.Id, AnyStream(), AnyNumber(), AnyNumber()),
        6 => new ReplayRefusal(certificate.Id, AnyStream(), AnyNumber()),
        7 => new FlowMark(Random.Next(2) == 0 ? default : AnyGroup(), AnyNumber(), isAnswer: Random.Next(2) == 0),
        8 => new DropNotice(certificate.Id, Random.Next(1, int.MaxValue)),
        9 => new RootClaim(certificate.Id, (uint)Random.Next(), (uint)Random.Next(9)),
        10 => new RecordUpdate(certificate, AnyPosition(), AnyNumber(), AnyNumber(), [])
        {
            Quorum = AnyQuorum(),
            Line = AnyLine(),
            Epochs = [new EpochBegin((uint)Random.Next(5), Somebody().Id, AnyNumber()), new EpochBegin((uint)Random.Next(5), overlay.Self.Id, AnyNumber())],
        },
        11 => new RecordReply(certificate.Id, AnyPosition()),
        12 => new RecordRequest(certificate.Id, AnyNumber()),
        13 => new RootFound(certificate.Id, exists: Random.Next(2) == 0),
        14 => new CreateRequest((ulong)Random.Next(), certificate),
        15 => new WitnessRequest([new WitnessRequest.Entry(certificate.Id, AnyPosition()), new WitnessRequest.Entry(AnyGroup(), AnyPosition())]),
        16 => new WitnessReply([new WitnessReply.Entry(certificate.Id, Somebody())]),
        17 => new AnycastReply(AnyNumber(), (AnycastOutcome)Random.Next(4), new byte[Random.Next(9)]),
        _ => new PublicationReply(certificate.Id, Random.Next(2) == 0, Somebody().Id, AnyPosition(), (PublicationOutcome)Random.Next(5), AnyPosition()),
    };

    private NodeHandle Somebody() => victims[Random.Next(victims.Count)];

    private GroupId AnyGroup() => Random.Next(4) == 0 ? new GroupId(new NodeId((UInt128)(uint)Random.Next(50))) : certificate.Id;

    private NodeId AnyStream() => Random.Next(2) == 0 ? default : Somebody().Id;

    private GroupPosition AnyPosition() => new((uint)Random.Next(5), AnyNumber());

    private StreamDigest AnyDigest() => new(AnyStream(), AnyPosition(), AnyNumber()) { Epochs = Random.Next(2) == 0 ? [] : [new EpochBegin((uint)Random.Next(5), Somebody().Id, AnyNumber())] };

    private Quorum AnyQuorum() => new(AnyPosition(), [.. Enumerable.Range(0, Random.Next(6)).Select(_ => Somebody())]);

    private EpochLine AnyLine() => new((uint)Random.Next(3), (uint)Random.Next(3), Somebody().Id);

    /// <summary>Mostly a number that means something, now and then one at the edge.</summary>
    private ulong AnyNumber() => Random.Next(8) switch
    {
        0 => 0,
        1 => ulong.MaxValue,
        2 => (ulong)Random.NextInt64(),
        _ => (ulong)Random.Next(1, 60),
    };

    private void Say(NodeHandle to, ScribeMessage message, IOverlay overlay) => Say(to, Payload.FromContent(message).ToArray(), overlay);

    private void Say(NodeHandle to, byte[] bytes, IOverlay overlay)
    {
        if (!_isSilenced && bytes.Length <= Payload.LengthMax)
        {
            Said++;
            overlay.Send(to, Payload.FromBytes(bytes));
        }
    }
}
