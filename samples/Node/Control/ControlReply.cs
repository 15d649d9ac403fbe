using NodeSample.Health;

namespace NodeSample.Control;

/// <summary>Is the node's answer to a verb: an error in one sentence, or what was asked for.</summary>
internal sealed record ControlReply(
    string? Error = null,
    StoredFile? Stored = null,
    FetchedFile? Fetched = null,
    ReclaimedFile? Reclaimed = null,
    QuotaStatus? Quota = null,
    NodeStatus? Status = null,
    NodeHealth? Health = null,
    RetiredNode? Retired = null,
    ScrubbedNode? Scrubbed = null);

/// <summary>Tells of a file that has been put.</summary>
internal sealed record StoredFile(string Id, long Length, int Replicas);

/// <summary>Tells of a file that has been written where it was asked for.</summary>
internal sealed record FetchedFile(long Length);

/// <summary>Tells of a file that has been taken back.</summary>
internal sealed record ReclaimedFile(int Nodes);

/// <summary>Tells of a node whose replicas others hold now, and that stops.</summary>
internal sealed record RetiredNode(int Replicas);

/// <summary>Tells which files' replicas were damaged, and are fetched anew from others.</summary>
internal sealed record ScrubbedNode(int Replicas, string[] Damaged);

/// <summary>Tells how much the user's files take of what the broker has granted.</summary>
internal sealed record QuotaStatus(long UsedBytes, long GrantedBytes);
