using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Is the side of a node that holds replicas: it takes requests to store, works on a bounded number at a time, answers each with a receipt
/// or a refusal, and tells the clients of slow ones that work goes on.
/// </summary>
internal sealed class ReplicaDesk(IReplicaStore store, PastOptions options)
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(2);

    private readonly Dictionary<FileId, Job> _jobs = [];
    private readonly Queue<Job> _waiting = [];
    private int _active;
    private bool _reportsProgress;

    public bool IsKeeping(FileId fileId) => _jobs.ContainsKey(fileId);

    public bool HasRoomToWait => _waiting.Count < options.TransferQueueMax;

    /// <summary>
    /// Tells whether it is no abuse to ask this node for a replica. Deaths are noticed at different times: k nodes that died together may
    /// still be counted here when another node has already found that this one has to take their place.
    /// </summary>
    public static bool MayHold(FileId fileId, int replicaCount, IOverlay overlay) => overlay.CountCloser(fileId.RoutingKey) < 2 * replicaCount;

    /// <summary>Takes a request to hold a replica.</summary>
    /// <param name="from">Who asks: the coordinator of an insert, or another holder.</param>
    /// <param name="request">The request.</param>
    /// <param name="overlay">The overlay.</param>
    public void Store(NodeHandle from, StoreRequest request, IOverlay overlay)
    {
        var (operation, client, certificate) = (request.Operation, request.Client, request.Certificate);
        var refusal = Judge(certificate, overlay);
        if (refusal != RefusalCode.None)
        {
            Reply(client, operation, certificate.FileId, refusal, receipt: null, overlay);
            return;
        }

        if (_jobs.TryGetValue(certificate.FileId, out var job))
        {
            if (job.Effect.Certificate.Hash != certificate.Hash)
            {
                Reply(client, operation, certificate.FileId, RefusalCode.FileIdExists, receipt: null, overlay);
            }
            else
            {
                job.Await(operation, client);
            }

            return;
        }

        job = new Job(new KeepReplica(certificate, request.Content, SourcesOf(from, request, overlay)));
        job.Await(operation, client);
        _jobs.Add(certificate.FileId, job);
        _waiting.Enqueue(job);
        StartJobs(overlay);
        ReportProgressLater(overlay);
    }

    /// <summary>Answers those who wait for a replica.</summary>
    /// <returns>The file whose replica maintenance has brought here, or null.</returns>
    public FileCertificate? OnKept(ReplicaKept kept, IOverlay overlay)
    {
        if (!_jobs.Remove(kept.FileId, out var job))
        {
            return null;
        }

        _active--;
        foreach (var (operation, client) in job.Waiters)
        {
            Reply(client, operation, kept.FileId, kept.Refusal, kept.Receipt, overlay);
        }

        StartJobs(overlay);
        return kept.Refusal == RefusalCode.None && job.Waiters.All(waiter => waiter.Operation == 0) ? job.Effect.Certificate : null;
    }

    public void ExpireProgress(IOverlay overlay)
    {
        _reportsProgress = false;
        foreach (var job in _jobs.Values)
        {
            foreach (var (operation, client) in job.Waiters)
            {
                if (operation != 0)
                {
                    overlay.Send(client, Payload.FromContent(new StoreProgress(operation)));
                }
            }
        }

        ReportProgressLater(overlay);
    }

    /// <summary>
    /// Gives whom to fetch content from. Who asks must have it or be getting it; the client of an insert is the second choice, and the only
    /// one of a coordinator that asks itself.
    /// </summary>
    private static NodeHandle[] SourcesOf(NodeHandle from, StoreRequest request, IOverlay overlay) =>
        request.Operation == 0 || from.Id == request.Client.Id ? [from]
        : from.Id == overlay.Self.Id ? [request.Client]
        : [from, request.Client];

    private RefusalCode Judge(FileCertificate certificate, IOverlay overlay)
    {
        if (!MayHold(certificate.FileId, certificate.ReplicaCount, overlay))
        {
            return RefusalCode.NotResponsible;
        }

        if (store.Contains(certificate.FileId) || _jobs.ContainsKey(certificate.FileId))
        {
            return RefusalCode.None;
        }

        if (certificate.ContentLength > store.Usage.FreeBytes)
        {
            return RefusalCode.NoRoom;
        }

        return HasRoomToWait ? RefusalCode.None : RefusalCode.Busy;
    }

    private void StartJobs(IOverlay overlay)
    {
        while (_active < options.TransfersMax && _waiting.TryDequeue(out var job))
        {
            _active++;
            overlay.Perform(job.Effect);
        }
    }

    private void ReportProgressLater(IOverlay overlay)
    {
        if (!_reportsProgress && _jobs.Count > 0)
        {
            _reportsProgress = true;
            overlay.SetTimer(TimerTokens.StoreProgress, overlay.Now + ProgressInterval);
        }
    }

    private static void Reply(NodeHandle client, ulong operation, FileId fileId, RefusalCode refusal, StoreReceipt? receipt, IOverlay overlay)
    {
        // Maintenance needs no receipts: the next round sees who holds what.
        if (operation != 0)
        {
            overlay.Send(client, Payload.FromContent(new StoreReply(operation, fileId, refusal, receipt)));
        }
    }

    private sealed class Job(KeepReplica effect)
    {
        private const int WaitersMax = 16;

        public KeepReplica Effect { get; } = effect;

        public List<(ulong Operation, NodeHandle Client)> Waiters { get; } = [];

        public void Await(ulong operation, NodeHandle client)
        {
            if (Waiters.Count < WaitersMax && !Waiters.Contains((operation, client)))
            {
                Waiters.Add((operation, client));
            }
        }
    }
}
