using System.Diagnostics.CodeAnalysis;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Knows with which neighbours replicas lie that this node has diverted, or that the node did whose place it would take (PAST §3.3). Pointers live in
/// memory: a holder offers what it holds to those that should, and so tells a node that has forgotten.
/// </summary>
/// <param name="max">How many there may be; of these, another node may have set a quarter.</param>
internal sealed class ReplicaPointers(int max)
{
    private const int SourceShares = 4;

    private readonly Dictionary<FileId, ReplicaPointer> _pointers = [];
    private readonly Dictionary<NodeId, HashSet<FileId>> _byHolder = [];
    private readonly Tally _bySource = new();

    public int Count => _pointers.Count;

    public bool Contains(FileId fileId) => _pointers.ContainsKey(fileId);

    public bool TryGet(FileId fileId, [MaybeNullWhen(false)] out ReplicaPointer pointer) => _pointers.TryGetValue(fileId, out pointer);

    /// <summary>Tells whether one more has room.</summary>
    public bool HasRoomFor(FileId fileId) => _pointers.Count < max || Contains(fileId);

    /// <summary>Sets where a file's replica lies; without room, nothing is remembered.</summary>
    public void Set(FileId fileId, ReplicaPointer pointer)
    {
        if (!HasRoomFor(fileId) || (pointer.Source is { } source && _bySource[source] >= max / SourceShares))
        {
            return;
        }

        Remove(fileId);
        _pointers.Add(fileId, pointer);
        CountSource(pointer, 1);
        if (!_byHolder.TryGetValue(pointer.Holder.Id, out var files))
        {
            _byHolder.Add(pointer.Holder.Id, files = []);
        }

        files.Add(fileId);
    }

    public bool Remove(FileId fileId)
    {
        if (!_pointers.Remove(fileId, out var pointer))
        {
            return false;
        }

        CountSource(pointer, -1);
        var files = _byHolder[pointer.Holder.Id];
        files.Remove(fileId);
        if (files.Count == 0)
        {
            _byHolder.Remove(pointer.Holder.Id);
        }

        return true;
    }

    /// <summary>Forgets all that point to a node.</summary>
    /// <returns>The files, and what was known of them.</returns>
    public IReadOnlyList<(FileId FileId, ReplicaPointer Pointer)> RemoveTo(NodeId holder)
    {
        if (!_byHolder.TryGetValue(holder, out var files))
        {
            return [];
        }

        (FileId FileId, ReplicaPointer Pointer)[] removed = [.. files.Select(file => (file, _pointers[file]))];
        foreach (var (file, _) in removed)
        {
            Remove(file);
        }

        return removed;
    }

    /// <summary>Lists all files at this moment.</summary>
    public FileId[] ToArray() => [.. _pointers.Keys];

    private void CountSource(ReplicaPointer pointer, int sign)
    {
        if (pointer.Source is { } source)
        {
            _bySource.Add(source, sign);
        }
    }
}

/// <summary>Tells where the replica of a file lies for which this node answers.</summary>
/// <param name="holder">The node that holds it.</param>
/// <param name="replicaCount">How many replicas the file should have.</param>
/// <param name="contentLength">The content's length.</param>
/// <param name="certificateHash">Which certificate it is stored with; null where this node has not seen it.</param>
/// <param name="source">The node that has said so; null where this one has seen to it itself.</param>
internal sealed class ReplicaPointer(NodeHandle holder, int replicaCount, long contentLength, Hash256? certificateHash, NodeId? source)
{
    public NodeHandle Holder { get; } = holder;

    public int ReplicaCount { get; } = replicaCount;

    public long ContentLength { get; } = contentLength;

    public Hash256? CertificateHash { get; } = certificateHash;

    public NodeId? Source { get; } = source;

    /// <summary>Tells whether there is only another node's word for it.</summary>
    public bool IsTold => Source is not null;

    /// <summary>Since when the holder owes an answer whether it still holds the replica; null where it owes none.</summary>
    public Instant? AskedSince { get; set; }

    /// <summary>The node that would take this one's place, as it has been told of the pointer; null where none has.</summary>
    public NodeId? ToldHeir { get; set; }

    public static ReplicaPointer To(NodeHandle holder, FileCertificate certificate) =>
        new(holder, certificate.ReplicaCount, certificate.ContentLength, certificate.Hash, source: null);
}
