using System.Buffers;
using System.Buffers.Binary;
using P2P.Pastry;
using P2P.Scribe;
using P2P.Scribe.Protocol;
using P2P.Scribe.Wire;

namespace Benchmarks.Scribe;

/// <summary>
/// Measures what a node allocates that is no member, and passes batches of 240 messages on from its parent to 64 children: what is read, thought and written,
/// but for the sockets. Verifying, which allocates nothing, is taken as done.
/// </summary>
internal sealed class ForwardMeter : IOverlay
{
    private const int Children = 64;
    private const int Batches = 2_000;

    private readonly PastryApplication _machine;
    private readonly ArrayBufferWriter<byte> _written = new(1 << 17);
    private readonly Queue<object> _inputs = [];
    private readonly List<(NodeHandle From, byte[] Answer)> _answers = [];
    private readonly NodeHandle _parent = HandleOf(1);
    private readonly GroupCertificate _certificate;
    private PayloadContent? _last;
    private ulong _random = 1;
    private long _forwards;

    private ForwardMeter(GroupCertificate certificate)
    {
        _certificate = certificate;
        _machine = new ScribeMachine(new ScribeOptions { WindowBytes = 16 * 1024 * 1024 });
    }

    public NodeHandle Self { get; } = HandleOf(2);

    public Instant Now => new(0);

    public bool IsReady => true;

    /// <summary>Gives the bytes allocated for one message passed on to one child.</summary>
    public static async Task<double> MeasureAsync()
    {
        using var key = SigningKey.Create();
        var certificate = await GroupCertificate.CreateAsync("forwards", key, new GroupPolicy(), DateTimeOffset.UnixEpoch);
        var items = Enumerable.Repeat(new BatchItem(DeliveryClass.BestEffort, 0, new byte[FanOutMeter.ContentLength]), 240).ToArray();
        var batch = await SignedBatch.CreateAsync(
            certificate.Id, key.PublicKey, isOrdered: false, new GroupPosition(1, 1), items, capability: null, (purpose, body) => SignedStatement.SignAsync(key, purpose, body));
        var message = Payload.FromContent(new BatchMessage(ScribeMessageKind.Batch, batch, default, 0, isReplay: false)).ToArray();
        var meter = new ForwardMeter(certificate);
        meter.Join();
        meter.PassOn(message, Batches / 10, first: 1);
        var (allocated, forwards) = (GC.GetAllocatedBytesForCurrentThread(), meter._forwards);
        meter.PassOn(message, Batches, first: Batches);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return (double)allocated / ((meter._forwards - forwards) * items.Length);
    }

    public void Send(NodeHandle to, in Payload payload)
    {
        if (payload.Content is FlowMark { IsAnswer: false } mark)
        {
            _answers.Add((to, Encode(new FlowMark(mark.Group, mark.Mark, isAnswer: true))));
        }
        else if (payload.Content is JoinRequest { Entries: [var entry] } && to == _parent)
        {
            _answers.Add((to, Payload.FromContent(new JoinReply([new JoinReply.Entry(entry.Group, entry.Nonce, JoinOutcome.Grafted, _certificate, [], [], [])])).ToArray()));
        }
        else if (payload.Content is BatchMessage)
        {
            _forwards++;
            if (!ReferenceEquals(_last, payload.Content))
            {
                _last = payload.Content;
                _written.ResetWrittenCount();
                payload.WriteTo(_written);
            }
        }
    }

    public void Perform(object effect)
    {
        if (effect is Verify verify)
        {
            _inputs.Enqueue(new Verified(verify.Ticket, IsRight: true));
        }
    }

    public IReadOnlyList<NodeHandle> LocalLookup(NodeId key, int max, bool safe) => [_parent];

    public ulong NextRandom() => _random++;

    public IReadOnlyList<NodeHandle> ReplicaSet(NodeId key, int max) => [_parent];

    public void SetTimer(ulong token, Instant due)
    {
    }

    public TimeSpan? RoundTripTo(NodeHandle node) => null;

    public void Route(NodeId key, in Payload payload, NodeHandle? firstHop = null, RouteOptions options = RouteOptions.None) => throw new NotSupportedException();

    public ConfirmationId RouteConfirmed(NodeId key, in Payload payload, NodeHandle? firstHop = null, RouteOptions options = RouteOptions.None) => throw new NotSupportedException();

    public void Decline() => throw new NotSupportedException();

    public IReadOnlyList<NodeHandle> NeighborSet(int max) => [];

    public NodeHandle? NearestHolder(NodeId key, int count) => null;

    public int CountCloser(NodeId key) => 1;

    public bool TryRange(NodeHandle node, int rank, out NodeId from, out NodeId to) => throw new NotSupportedException();

    private static NodeHandle HandleOf(int number) => new(new NodeId((UInt128)(uint)number << 96), 1, [new NodeAddress("127.0.0.1", 1 + number)]);

    private void Join()
    {
        for (var i = 0; i < Children; i++)
        {
            var request = new JoinRequest([new JoinRequest.Entry(_certificate.Id, (uint)(i + 1), HasCertificate: true, Capability: null, HistoryAge: default)]);
            _machine.Receive(HandleOf(10 + i), Payload.FromBytes(Payload.FromContent(request).ToArray()), this);
            Settle();
        }
    }

    private void PassOn(byte[] message, int count, int first)
    {
        var number = message.AsSpan(63);
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(number, (ulong)(first + i));
            _machine.Receive(_parent, Payload.FromBytes(message), this);
            Settle();
        }
    }

    private byte[] Encode(ScribeMessage message)
    {
        _last = null;
        _written.ResetWrittenCount();
        message.WriteTo(_written);
        return _written.WrittenSpan.ToArray();
    }

    /// <summary>Does what a shell and neighbours do.</summary>
    private void Settle()
    {
        while (_inputs.Count + _answers.Count > 0)
        {
            if (_inputs.TryDequeue(out var input))
            {
                _machine.Handle(input, this);
                continue;
            }

            var (from, answer) = _answers[^1];
            _answers.RemoveAt(_answers.Count - 1);
            _machine.Receive(from, Payload.FromBytes(answer), this);
        }
    }
}
