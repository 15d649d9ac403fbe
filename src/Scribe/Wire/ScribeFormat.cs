using MessagePack;
using P2P.Pastry;

namespace P2P.Scribe.Wire;

/// <summary>Reads SCRIBE's messages from bytes that anybody may have sent.</summary>
internal static class ScribeFormat
{
    /// <summary>Reads a message.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="passesOn">Tells of a group whether this node only passes its messages on; null where it is not asked.</param>
    /// <returns>Null where the payload is no message that this node knows.</returns>
    public static ScribeMessage? Read(in Payload payload, Predicate<GroupId>? passesOn = null)
    {
        if (!payload.TryGetBytes(out var bytes))
        {
            return payload.Content as ScribeMessage;
        }

        if (bytes.Length < 3 || bytes.Span[0] != ScribeMessage.Version)
        {
            return null;
        }

        var kind = (ScribeMessageKind)bytes.Span[1];
        if (kind is ScribeMessageKind.Batch or ScribeMessageKind.Publication or ScribeMessageKind.RecordAppend or ScribeMessageKind.Witness)
        {
            return BatchMessage.Read(bytes.Span, passesOn is not null && BatchMessage.TryGetLooseGroup(bytes.Span, out var group) && passesOn(group));
        }

        try
        {
            var reader = new MessagePackReader(bytes[2..]);
            return kind switch
            {
                ScribeMessageKind.JoinRequest => JoinRequest.Read(ref reader),
                ScribeMessageKind.JoinReply => JoinReply.Read(ref reader),
                ScribeMessageKind.LeaveNotice => LeaveNotice.Read(ref reader),
                ScribeMessageKind.Heartbeat => Heartbeat.Read(ref reader),
                ScribeMessageKind.LinkReport => LinkReport.Read(ref reader),
                ScribeMessageKind.ReplayRequest => ReplayRequest.Read(ref reader),
                ScribeMessageKind.ReplayRefusal => ReplayRefusal.Read(ref reader),
                ScribeMessageKind.PublicationReply => PublicationReply.Read(ref reader),
                ScribeMessageKind.RootSearch => RootSearch.Read(ref reader),
                ScribeMessageKind.RootFound => RootFound.Read(ref reader),
                ScribeMessageKind.CreateRequest => CreateRequest.Read(ref reader),
                ScribeMessageKind.CreateReply => CreateReply.Read(ref reader),
                ScribeMessageKind.RootClaim => RootClaim.Read(ref reader),
                ScribeMessageKind.RootPromise => RootPromise.Read(ref reader),
                ScribeMessageKind.RecordUpdate => RecordUpdate.Read(ref reader),
                ScribeMessageKind.RecordReply => RecordReply.Read(ref reader),
                ScribeMessageKind.RecordRequest => RecordRequest.Read(ref reader),
                ScribeMessageKind.WitnessRequest => WitnessRequest.Read(ref reader),
                ScribeMessageKind.WitnessReply => WitnessReply.Read(ref reader),
                ScribeMessageKind.AnycastSearch => AnycastSearch.Read(ref reader),
                ScribeMessageKind.AnycastReply => AnycastReply.Read(ref reader),
                ScribeMessageKind.FlowMark => FlowMark.Read(ref reader, isAnswer: false),
                ScribeMessageKind.FlowAnswer => FlowMark.Read(ref reader, isAnswer: true),
                ScribeMessageKind.DropNotice => DropNotice.Read(ref reader),
                _ => null,
            };
        }
        catch (Exception exception) when (Fields.IsMalformed(exception))
        {
            return null;
        }
    }
}
