using System.Diagnostics.CodeAnalysis;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Is the side of a node that caches (PAST §4): copies come to the nodes that a successful lookup or insert has passed, and answer what passes there later.
/// </summary>
/// <remarks>
/// <para>
/// Searches are routed, and content goes past them, straight from its holder to the client. So whoever gives or takes a file tells the neighbour from which the
/// search came (<see cref="CacheHint"/>); that one fetches a copy if it wants one, and tells the neighbour from which it had the search. A hint counts only from where such a
/// search went just now, and content only from whom it was asked of: nobody is sent what it did not ask for, in nobody's name.
/// </para>
/// <para>
/// A node tells of its own copy when it has one, so that each gives to a few; where it takes none, it passes on what it was told.
/// </para>
/// </remarks>
internal sealed class CacheDesk(CacheOptions options, PastOptions past, IReplicaCatalog replicas, ReplicaDesk replicaDesk)
{
    /// <summary>Of the fetches at a time, the part that one neighbour may cause.</summary>
    private const int NeighborShares = 4;

    private readonly CopyShelf _shelf = new(options, replicas);
    private readonly SearchTrails _trails = new();
    private readonly Dictionary<ulong, CopyFetch> _fetches = [];
    private readonly Dictionary<FileId, CopyFetch> _fetchesByFile = [];
    private readonly Tally _fetchesOf = new();
    private Instant _expiryAt = Instant.Never;

    public CacheCounters Counters => _shelf.Counters;

    /// <summary>Tells whether there is a copy that may be given out.</summary>
    public bool Contains(FileId fileId, IOverlay overlay) => _shelf.Contains(fileId, overlay.Now);

    /// <summary>Tells how long ago what this node has of a file left a replica.</summary>
    public TimeSpan AgeOf(FileId fileId, IOverlay overlay) => replicas.Contains(fileId) ? TimeSpan.Zero : _shelf.AgeOf(fileId, overlay.Now);

    /// <summary>Remembers a search that goes on to another node.</summary>
    public void PassedOn(in ForwardedMessage message, in SearchHead search, IOverlay overlay)
    {
        if (search.Kind == PastMessageKind.LookupSearch)
        {
            Counters.Misses++;
        }

        Remember(message, search.FileId, message.NextHop?.Id ?? overlay.Self.Id, overlay);
    }

    /// <summary>Remembers a search that ends here.</summary>
    public void Answered(in ForwardedMessage message, FileId fileId, IOverlay overlay) => Remember(message, fileId, overlay.Self.Id, overlay);

    /// <summary>Notes that a file was given to a client that looked it up.</summary>
    public void Given(FileCertificate certificate, IOverlay overlay)
    {
        if (!replicas.Contains(certificate.FileId))
        {
            _shelf.Hit(certificate.FileId, certificate.ContentLength);
        }

        TellBack(certificate.FileId, certificate.ContentLength, overlay.Self, overlay);
    }

    /// <summary>Notes that a client that looked a file up was sent to who holds it in this node's stead.</summary>
    public void Referred(FileId fileId, long length, NodeHandle holder, IOverlay overlay) => TellBack(fileId, length, holder, overlay);

    /// <summary>Notes that a replica has been stored, here or in this node's stead, perhaps for a client whose search has ended here.</summary>
    public void Stored(FileCertificate certificate, NodeHandle holder, IOverlay overlay)
    {
        if (holder.Id == overlay.Self.Id)
        {
            Drop(certificate.FileId, overlay);
            GiveWay(overlay);
        }

        TellBack(certificate.FileId, certificate.ContentLength, holder, overlay);
    }

    /// <summary>Caches at its client what has been stored.</summary>
    public void Inserted(FileCertificate certificate, ReadOnlyMemory<byte>? content, IOverlay overlay)
    {
        if (content is not null)
        {
            Keep(certificate, content, overlay.Self, TimeSpan.Zero, overlay);
        }
    }

    /// <summary>Forgets what is cached of a file: its owner has taken it back, or a replica is here.</summary>
    public void Drop(FileId fileId, IOverlay overlay)
    {
        if (_shelf.Remove(fileId))
        {
            overlay.Perform(new DropCopies([fileId]));
        }
    }

    /// <summary>Lets copies go that take room of replicas.</summary>
    public void GiveWay(IOverlay overlay)
    {
        if (_shelf.GiveWay() is { Length: > 0 } evicted)
        {
            overlay.Perform(new DropCopies(evicted));
        }
    }

    public void Receive(NodeHandle from, PastMessage? message, IOverlay overlay)
    {
        switch (message)
        {
            case CacheHint hint:
                OnHint(from, hint, overlay);
                break;
            case CopyRequest { Operation: not 0 } request when replicas.Contains(request.FileId) || Contains(request.FileId, overlay):
                overlay.Perform(new ReadReplica(request.Operation, from, request.FileId, IsForCopy: true));
                break;
            case CopyRequest request:
                overlay.Send(from, Payload.FromContent(new LookupAbsent(request.Operation, [])));
                break;
            case LookupFound found when IsAwaited(from, found.Operation, out var fetch):
                OnFound(fetch, found, overlay);
                break;
            case LookupAbsent absent when IsAwaited(from, absent.Operation, out var fetch):
                End(fetch);
                break;
            default:
                break;
        }
    }

    public void Handle(CacheInput input, IOverlay overlay)
    {
        switch (input)
        {
            case CopyChecked outcome when _fetches.TryGetValue(outcome.Copy.Operation, out var fetch):
                OnChecked(fetch, outcome, overlay);
                break;
            case CopyKept kept:
                OnKept(kept, overlay);
                break;
            case CopyDamaged damaged:
                _shelf.Remove(damaged.FileId);
                break;
            case AnswerBelieved { Answer: var answer }:
                Keep(answer.Certificate, answer.Content, answer.Holder, answer.Age, overlay);
                break;
            default:
                break;
        }
    }

    /// <summary>Lets copies go that are too old to be given out.</summary>
    public void ExpireCopies(IOverlay overlay)
    {
        _expiryAt = Instant.Never;
        if (_shelf.Expire(overlay.Now) is { Length: > 0 } old)
        {
            overlay.Perform(new DropCopies(old));
        }

        ExpireInTime(overlay);
    }

    /// <summary>Gives a source up that has not answered.</summary>
    public void ExpireFetch(ulong operation)
    {
        if (_fetches.TryGetValue(operation, out var fetch) && !fetch.IsAnswered)
        {
            End(fetch);
        }
    }

    private void Remember(in ForwardedMessage message, FileId fileId, NodeId to, IOverlay overlay)
    {
        if (message.PreviousHop is { } from)
        {
            _trails.Add(fileId, from, isClient: message.Hops <= 1, to, overlay.Now);
        }
    }

    private void TellBack(FileId fileId, long length, NodeHandle source, IOverlay overlay)
    {
        if (_trails.TryTake(fileId, overlay.Self.Id, overlay.Now, out var waiting))
        {
            Tell(waiting, fileId, length, source, overlay);
        }
    }

    private static void Tell(IReadOnlyList<NodeHandle> nodes, FileId fileId, long length, NodeHandle source, IOverlay overlay)
    {
        foreach (var node in nodes)
        {
            if (node.Id != source.Id)
            {
                overlay.Send(node, Payload.FromContent(new CacheHint(fileId, length, source)));
            }
        }
    }

    private void OnHint(NodeHandle from, CacheHint hint, IOverlay overlay)
    {
        var fileId = hint.FileId;
        if (!_trails.TryTake(fileId, from.Id, overlay.Now, out var waiting))
        {
            return;
        }

        if (replicas.Contains(fileId) || _shelf.Contains(fileId, overlay.Now))
        {
            Tell(waiting, fileId, hint.Length, overlay.Self, overlay);
        }
        else if (_fetchesByFile.TryGetValue(fileId, out var begun))
        {
            begun.Await(waiting);
        }
        else if (hint.Source.Id != overlay.Self.Id && Wants(from, hint, overlay))
        {
            // The neighbour is known; of another source there is only its word, which costs a small message.
            var source = hint.Source.Id == from.Id ? from : hint.Source;
            var fetch = new CopyFetch((overlay.NextRandom() & TimerTokens.OperationMask) | 1, fileId, hint.Length, source, from.Id);
            fetch.Await(waiting);
            _fetches.Add(fetch.Operation, fetch);
            _fetchesByFile.Add(fileId, fetch);
            _fetchesOf.Add(from.Id, 1);
            overlay.Send(source, Payload.FromContent(new CopyRequest(fetch.Operation, fileId)));
            overlay.SetTimer(TimerTokens.Copy(fetch.Operation), overlay.Now + past.OperationTimeout);
        }
        else
        {
            Tell(waiting, fileId, hint.Length, hint.Source, overlay);
        }
    }

    /// <summary>Tells whether a copy is to be fetched: there is room for it, and nothing more important to do.</summary>
    private bool Wants(NodeHandle from, CacheHint hint, IOverlay overlay) =>
        _shelf.Admits(hint.Length) && !replicas.IsReclaimed(hint.FileId) && !replicaDesk.IsBusy && !replicaDesk.IsKeeping(hint.FileId)
        && _fetches.Count < options.FetchesMax && _fetchesOf[from.Id] < Math.Max(1, options.FetchesMax / NeighborShares) && overlay.IsReady;

    private bool IsAwaited(NodeHandle from, ulong operation, [NotNullWhen(true)] out CopyFetch? fetch) =>
        _fetches.TryGetValue(operation, out fetch) && fetch.Source.Id == from.Id && !fetch.IsAnswered;

    private void OnFound(CopyFetch fetch, LookupFound found, IOverlay overlay)
    {
        var certificate = found.Certificate;
        if (certificate.FileId != fetch.FileId || certificate.ContentLength != fetch.Length || !_shelf.IsYoung(found.Age))
        {
            End(fetch);
            return;
        }

        fetch.IsAnswered = true;
        fetch.Age = found.Age;
        overlay.Perform(new CheckCopy(fetch.Operation, fetch.Source, certificate, found.Content));
    }

    private void OnChecked(CopyFetch fetch, CopyChecked outcome, IOverlay overlay)
    {
        var (_, source, certificate, content) = outcome.Copy;
        if (!outcome.Valid || !Keep(certificate, content, source, fetch.Age, overlay))
        {
            End(fetch);
        }
    }

    private void OnKept(CopyKept kept, IOverlay overlay)
    {
        var isKept = _shelf.End(kept.FileId, kept.IsKept);
        if (isKept)
        {
            ExpireInTime(overlay);
        }
        else if (kept.IsKept)
        {
            overlay.Perform(new DropCopies([kept.FileId]));
        }

        if (_fetchesByFile.TryGetValue(kept.FileId, out var fetch) && (isKept || fetch.IsAnswered))
        {
            // What this node's user has read comes to the same as what was fetched.
            End(fetch);
            if (isKept)
            {
                Tell(fetch.Waiting, fetch.FileId, fetch.Length, overlay.Self, overlay);
            }
        }
    }

    /// <summary>Takes a copy in, of which the certificate has been checked, and the content where it is given.</summary>
    /// <returns>False where there is no room for it, or no need.</returns>
    private bool Keep(FileCertificate certificate, ReadOnlyMemory<byte>? content, NodeHandle source, TimeSpan age, IOverlay overlay)
    {
        var fileId = certificate.FileId;
        if (replicas.Contains(fileId) || replicas.IsReclaimed(fileId) || !_shelf.IsYoung(age)
            || !_shelf.TryReserve(fileId, ReplicaFile.LengthOf(certificate), overlay.Now - age, out var evicted))
        {
            return false;
        }

        overlay.Perform(new KeepCopy(certificate, content, source, evicted));
        return true;
    }

    private void ExpireInTime(IOverlay overlay)
    {
        if (_shelf.NextExpiry < _expiryAt)
        {
            _expiryAt = _shelf.NextExpiry;
            overlay.SetTimer(TimerTokens.CopyExpiry, _expiryAt);
        }
    }

    private void End(CopyFetch fetch)
    {
        if (_fetches.Remove(fetch.Operation))
        {
            _fetchesByFile.Remove(fetch.FileId);
            _fetchesOf.Add(fetch.HintedBy, -1);
        }
    }
}
