using System.Buffers;
using P2P.Past;
using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry;

namespace Past.Tests.Simulation;

/// <summary>Stands where the broker's node should, and answers in the name of another key.</summary>
internal sealed class LyingBroker(SigningKey key) : PastryApplication(PastryApplicationId.FromName("p2p/past/broker"))
{
    protected override void Deliver(in RoutedMessage message, IOverlay overlay)
    {
        if (PastFormat.Read(message.Payload) is BrokerSearch search)
        {
            overlay.Send(search.Client, Payload.FromContent(new Invitation(search.Operation)));
        }
    }

    protected override void Receive(NodeHandle from, in Payload payload, IOverlay overlay)
    {
        if (PastFormat.Read(payload) is BrokerRequest request)
        {
            var body = BrokerAnswer.Encode(
                Hash256.Compute(request.Statement.AsSpan()), BrokerStanding.Answered, new QuotaAccount(0, 1_000_000), [new PermittedFile(PermitVerdict.Exceeded, 1, null)]);
            var encoded = new ArrayBufferWriter<byte>();
            SignedStatement.Sign(key, BrokerAnswer.Purpose, body).WriteTo(encoded);
            overlay.Send(from, Payload.FromContent(new BrokerReply(request.Operation, [.. encoded.WrittenSpan])));
        }
    }
}
