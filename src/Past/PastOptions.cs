using P2P.Past.Protocol;

namespace P2P.Past;

/// <summary>Sets the parameters of PAST on one node.</summary>
public sealed record PastOptions
{
    /// <summary>The longest content that may ever travel within a message, in bytes.</summary>
    public const int InlineLengthLimit = 48 * 1024;

    /// <summary>
    /// The longest content that travels within a message, in bytes; 0 to <see cref="InlineLengthLimit"/>, default 32 KiB. Longer content is
    /// fetched over a stream of its own, which costs a connection but never delays messages.
    /// </summary>
    public int InlineLengthMax { get; init; } = 32 * 1024;

    /// <summary>How long an operation waits for a sign of progress before it is tried again; default 10 s.</summary>
    public TimeSpan OperationTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often an operation is tried before its outcome is called indeterminate; 1 to 16, default 4. A file counts as not found after two tries at
    /// least, unless this node is next to its id.
    /// </summary>
    public int OperationAttemptsMax { get; init; } = 4;

    /// <summary>
    /// How long an insert may take in all, whatever progress is reported, beside the time for its content (<see cref="TransferRateMin"/>), and a lookup, whatever
    /// answers are being checked; default 10 min. After that an insert's outcome is indeterminate, and it can be resumed; and the file of a lookup is unreachable.
    /// </summary>
    public TimeSpan OperationTimeMax { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How many bytes of content a second are the least to wait for; 1 or more, default 16,384. An insert may take its content's length divided
    /// by this longer, and a holder gives a transfer up after that and two times <see cref="StallTimeout"/>; a lower value waits longer for who is
    /// slow, and for who only pretends.
    /// </summary>
    public long TransferRateMin { get; init; } = 16 * 1024;

    /// <summary>
    /// How many inserts and lookups of this node's users are under way at a time, 1 to 65,536; default 1,024. Further ones wait. Each costs some
    /// hundred bytes, and inserts their small content.
    /// </summary>
    public int OperationsMax { get; init; } = 1_024;

    /// <summary>
    /// How many replicas are fetched at the same time, and how many that came with their content are written, 1 to 256; default 16. Of the fetches,
    /// a peer may take a quarter and the files of an owner half.
    /// </summary>
    public int TransfersMax { get; init; } = 16;

    /// <summary>
    /// How many replicas may wait to be fetched, and how many to be written; default 8,192, and 128 MiB of each. A peer may take a quarter of it with
    /// inserts. Beyond it, requests are refused, and who asked tries again.
    /// </summary>
    public int TransferQueueMax { get; init; } = 8_192;

    /// <summary>
    /// How many replicas are read for messages at a time, 1 to 256; default 16. Up to 4,096 more wait; beyond that, requests are dropped, and who
    /// asked asks again. More of it answers faster from a disk that can do several things at once.
    /// </summary>
    public int ReadsMax { get; init; } = 16;

    /// <summary>
    /// How many streams of content are served at a time, 1 to 65,536; default 64. Further ones are closed at once, and who opened them goes to
    /// another holder. Each costs up to two leaves of memory, 512 KiB.
    /// </summary>
    public int ServedStreamsMax { get; init; } = 64;

    /// <summary>
    /// How long the other end of a stream may neither give what it must nor take what it asked for before the stream is cut; default 30 s. How
    /// long the whole may take, <see cref="TransferRateMin"/> says. More of it bears longer pauses, and lets who stalls keep a place for longer.
    /// </summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Time between two rounds in which nodes compare what they hold with their neighbours; default 10 min. A round costs about 40 bits a replica in
    /// all. More of it leaves what was lost unseen for longer.
    /// </summary>
    public TimeSpan MaintenanceInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a change of the leaf set is waited out before such a round starts; default 0.5 s. Changes often come together.</summary>
    public TimeSpan MaintenanceDelay { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>
    /// How many replicas are on their way at a time to nodes that lack them, 1 to 65,536; default 64, of which one node gets eight at most. More of it
    /// fills long lines with small files sooner, and lets files that lose replicas meanwhile wait behind these.
    /// </summary>
    public int RepairsMax { get; init; } = 64;

    /// <summary>
    /// How many bytes of content a second this node gives at most to nodes that lack replicas, on average; default without bound. Files with the fewest
    /// replicas go first. Less of it leaves more of the line to users, and files short of replicas for longer.
    /// </summary>
    public long RepairRateMax { get; init; } = long.MaxValue;

    /// <summary>
    /// How long this node remembers that an owner has taken a file back; at least a minute, default 30 days. A node that was away for longer, and comes
    /// back with the file, brings it back for all. Each such file takes about 400 bytes of disk, and how many there may be, the store says (<see cref="DiskReplicaStoreOptions.ReclaimsMax"/>).
    /// </summary>
    public TimeSpan ReclaimRetention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>
    /// The largest share of its free room that a node gives to one file of which it is one of the k closest nodes, the paper's t_pri: 0 to 1, default
    /// 0.1. What is larger is diverted to a neighbour. More of it lets large files in for longer, and leaves less room for small ones.
    /// </summary>
    public double PrimaryThreshold { get; init; } = 0.1;

    /// <summary>
    /// The largest share of its free room that a node gives to one file that a neighbour diverts to it, the paper's t_div: 0 to 1, default 0.05.
    /// It is less than <see cref="PrimaryThreshold"/>, so that who takes replicas for others has much more room than they have.
    /// </summary>
    public double DivertedThreshold { get; init; } = 0.05;

    /// <summary>
    /// How many times the share of <see cref="PrimaryThreshold"/> or <see cref="DivertedThreshold"/> a node gives to one file while it is empty; 1 to 1,000,
    /// default 10. It falls in proportion to the free room, to 1. The paper has 1, by which a large file is refused although all disks are empty.
    /// </summary>
    public double RoomyFactor { get; init; } = 10;

    /// <summary>How many neighbours are asked, one after the other, to hold a replica for which this node has no room; 0 to 16, default 3. The paper asks one.</summary>
    public int DiversionsMax { get; init; } = 3;

    /// <summary>
    /// How often a file is inserted, each time under another salt and so at another place of the ring, while nodes have no room for it; 1 to 16, default 4
    /// as in the paper. What was stored at the places before is taken back.
    /// </summary>
    public int SaltsMax { get; init; } = 4;

    /// <summary>How many replicas this node may have with neighbours; 1 or more, default 262,144. Each takes some 200 bytes of memory.</summary>
    public int PointersMax { get; init; } = 1 << 18;

    internal AcceptancePolicy PrimaryPolicy => new(PrimaryThreshold, RoomyFactor);

    internal AcceptancePolicy DivertedPolicy => new(DivertedThreshold, RoomyFactor);

    /// <summary>Gives how long an insert may take in all, whatever progress is reported.</summary>
    internal TimeSpan InsertTimeMaxOf(long contentLength) => OperationTimeMax + TimeSpan.FromSeconds((double)contentLength / TransferRateMin);

    /// <summary>Checks the options.</summary>
    /// <exception cref="PastException">An option is outside of its range.</exception>
    public void Validate()
    {
        PastException.Require(InlineLengthMax is >= 0 and <= InlineLengthLimit, nameof(InlineLengthMax), InlineLengthMax, $"0 to {InlineLengthLimit}");
        PastException.Require(OperationTimeout > TimeSpan.Zero, nameof(OperationTimeout), OperationTimeout, "more than zero");
        PastException.Require(OperationAttemptsMax is >= 1 and <= 16, nameof(OperationAttemptsMax), OperationAttemptsMax, "1 to 16");
        PastException.Require(OperationTimeMax > TimeSpan.Zero, nameof(OperationTimeMax), OperationTimeMax, "more than zero");
        PastException.Require(TransferRateMin >= 1, nameof(TransferRateMin), TransferRateMin, "1 or more");
        PastException.Require(OperationsMax is >= 1 and <= 65_536, nameof(OperationsMax), OperationsMax, "1 to 65,536");
        PastException.Require(ReadsMax is >= 1 and <= 256, nameof(ReadsMax), ReadsMax, "1 to 256");
        PastException.Require(ServedStreamsMax is >= 1 and <= 65_536, nameof(ServedStreamsMax), ServedStreamsMax, "1 to 65,536");
        PastException.Require(TransfersMax is >= 1 and <= 256, nameof(TransfersMax), TransfersMax, "1 to 256");
        PastException.Require(TransferQueueMax >= 1, nameof(TransferQueueMax), TransferQueueMax, "1 or more");
        PastException.Require(StallTimeout > TimeSpan.Zero, nameof(StallTimeout), StallTimeout, "more than zero");
        PastException.Require(MaintenanceInterval > TimeSpan.Zero, nameof(MaintenanceInterval), MaintenanceInterval, "more than zero");
        PastException.Require(RepairsMax is >= 1 and <= 65_536, nameof(RepairsMax), RepairsMax, "1 to 65,536");
        PastException.Require(RepairRateMax >= 1, nameof(RepairRateMax), RepairRateMax, "1 or more");
        PastException.Require(ReclaimRetention >= TimeSpan.FromMinutes(1), nameof(ReclaimRetention), ReclaimRetention, "a minute or more");
        PastException.Require(PrimaryThreshold is >= 0 and <= 1, nameof(PrimaryThreshold), PrimaryThreshold, "0 to 1");
        PastException.Require(DivertedThreshold is >= 0 and <= 1, nameof(DivertedThreshold), DivertedThreshold, "0 to 1");
        PastException.Require(RoomyFactor is >= 1 and <= 1_000, nameof(RoomyFactor), RoomyFactor, "1 to 1,000");
        PastException.Require(DiversionsMax is >= 0 and <= 16, nameof(DiversionsMax), DiversionsMax, "0 to 16");
        PastException.Require(SaltsMax is >= 1 and <= 16, nameof(SaltsMax), SaltsMax, "1 to 16");
        PastException.Require(PointersMax >= 1, nameof(PointersMax), PointersMax, "1 or more");
        PastException.Require(MaintenanceDelay > TimeSpan.Zero, nameof(MaintenanceDelay), MaintenanceDelay, "more than zero");
    }
}
