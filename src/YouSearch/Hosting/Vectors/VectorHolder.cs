using P2P.Bloom;
using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;

namespace P2P.YouSearch.Hosting;

/// <summary>
/// Holds one vector of all summaries for a registrar in another process. When another registrar comes, or the same one after a restart, it forgets all and says so by a new epoch: numbers of sites mean
/// something to one registrar only.
/// </summary>
/// <param name="vector">Which of the vectors, counted from 0.</param>
/// <param name="memoryMax">The bytes that the vectors of each scope may take.</param>
/// <param name="newEpoch">Draws a number that was never drawn before.</param>
internal sealed class VectorHolder(int vector, long memoryMax, Func<ulong> newEpoch)
{
    private readonly Lock _gate = new();
    private readonly BloomFilterMatrix<int>[] _matrices = new BloomFilterMatrix<int>[2];

    // For each scope and site the order of what was told last.
    private readonly Dictionary<(SummaryScope, int), long> _told = [];
    private ulong? _session;
    private ulong _epoch;

    public long MemoryBytes
    {
        get
        {
            lock (_gate)
            {
                return _session is null ? 0 : _matrices.Sum(matrix => matrix.MemoryBytes);
            }
        }
    }

    public VectorReply Answer(VectorRequest request)
    {
        BloomFilterMatrix<int> matrix;
        ulong epoch;
        lock (_gate)
        {
            Begin(request.Session);
            matrix = _matrices[(int)request.Scope];
            epoch = _epoch;
            if (request.Kind != VectorRequestKind.Find)
            {
                return new(epoch, Change(matrix, request), []);
            }
        }

        var found = new SiteSet[request.Alternatives.Count];
        for (var index = 0; index < found.Length; index++)
        {
            MatrixVectors.Find(matrix, [request.Alternatives[index]], found[index] = new SiteSet());
        }

        return new(epoch, VectorOutcome.Done, found);
    }

    private void Begin(ulong session)
    {
        if (_session == session)
        {
            return;
        }

        _session = session;
        _epoch = newEpoch();
        _told.Clear();
        for (var scope = 0; scope < _matrices.Length; scope++)
        {
            _matrices[scope] = new(new() { HashCount = SummaryFilter.Vectors, BitsMax = SummaryFilter.BitsMax, MemoryMax = memoryMax, Vector = vector });
        }
    }

    private VectorOutcome Change(BloomFilterMatrix<int> matrix, VectorRequest request)
    {
        var site = (request.Scope, request.Site);
        if (request.Kind == VectorRequestKind.Hello)
        {
            return VectorOutcome.Done;
        }

        if (_told.TryGetValue(site, out var last) && last > request.Order)
        {
            return VectorOutcome.Lacking;
        }

        _told[site] = request.Order;
        switch (request)
        {
            case { Vector: { } given } when given.Index == vector && given.HashCount == SummaryFilter.Vectors && given.Bits is >= SummaryFilter.BitsMin and <= SummaryFilter.BitsMax && long.IsPow2(given.Bits):
                return matrix.TrySet(request.Site, given) ? VectorOutcome.Done : VectorOutcome.Full;
            case { Delta: { } delta }:
                return matrix.TryApply(request.Site, delta) ? VectorOutcome.Done : VectorOutcome.Lacking;
            case { Kind: VectorRequestKind.Remove }:
                matrix.Remove(request.Site);
                return VectorOutcome.Done;
            default:
                return VectorOutcome.Lacking;
        }
    }
}
