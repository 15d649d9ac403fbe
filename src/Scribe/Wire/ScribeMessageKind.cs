namespace P2P.Scribe.Wire;

/// <summary>Names the acts of the protocol. The numbers are on the wire: they are never changed or used again.</summary>
internal enum ScribeMessageKind : byte
{
    JoinRequest = 1,
    JoinReply = 2,
    LeaveNotice = 3,
    Heartbeat = 4,
    LinkReport = 5,
    Batch = 6,
    ReplayRequest = 7,
    ReplayRefusal = 8,
    Publication = 9,
    PublicationReply = 10,
    RootSearch = 11,
    RootFound = 12,
    CreateRequest = 13,
    CreateReply = 14,
    RootClaim = 15,
    RootPromise = 16,
    RecordUpdate = 17,
    RecordAppend = 18,
    RecordReply = 19,
    RecordRequest = 20,
    WitnessRequest = 21,
    WitnessReply = 22,
    Witness = 23,
    AnycastSearch = 24,
    AnycastReply = 25,
    FlowMark = 26,
    FlowAnswer = 27,
    DropNotice = 28,
}
