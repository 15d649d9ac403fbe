using System.Collections.Concurrent;
using P2P.Past.Protocol;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>Matches the users' operations with the outcomes that the machine gives.</summary>
internal sealed class PendingOperations(PastPort port)
{
    private readonly ConcurrentDictionary<ulong, PendingInsert> _inserts = new();
    private readonly ConcurrentDictionary<ulong, PendingLookup> _lookups = new();
    private readonly ConcurrentDictionary<ulong, PendingReclaim> _reclaims = new();
    private readonly ConcurrentDictionary<ulong, PendingSearch> _searches = new();
    private readonly TaskCompletionSource _retired = new();

    /// <summary>Ends when the node holds nothing any more, and takes nothing.</summary>
    public Task Retired => _retired.Task;

    public PendingInsert Begin(IProgress<InsertProgress>? progress)
    {
        var insert = new PendingInsert(NewOperation(), progress);
        _inserts[insert.Operation] = insert;
        return insert;
    }

    public PendingLookup Begin()
    {
        var lookup = new PendingLookup(NewOperation());
        _lookups[lookup.Operation] = lookup;
        return lookup;
    }

    public PendingReclaim BeginReclaim()
    {
        var reclaim = new PendingReclaim(NewOperation());
        _reclaims[reclaim.Operation] = reclaim;
        return reclaim;
    }

    public PendingSearch BeginSearch()
    {
        var search = new PendingSearch(NewOperation());
        _searches[search.Operation] = search;
        return search;
    }

    public void End(PendingSearch search) => _searches.TryRemove(search.Operation, out _);

    public void End(PendingReclaim reclaim) => _reclaims.TryRemove(reclaim.Operation, out _);

    public void End(PendingInsert insert) => _inserts.TryRemove(insert.Operation, out _);

    public void End(PendingLookup lookup) => _lookups.TryRemove(lookup.Operation, out _);

    public bool IsLookedUp(ulong operation) => _lookups.ContainsKey(operation) || _searches.ContainsKey(operation);

    /// <summary>Tells a search for holders who they are.</summary>
    /// <returns>False where the operation is no such search.</returns>
    public bool TryApply(ulong operation, NodeHandle[] holders)
    {
        if (!_searches.TryGetValue(operation, out var search))
        {
            return false;
        }

        port.Complete(() => search.Ended.TrySetResult(holders));
        return true;
    }

    public void Apply(InsertProgressed progressed)
    {
        if (_inserts.TryGetValue(progressed.Operation, out var insert))
        {
            insert.Progress?.Report(new InsertProgress(progressed.Receipts, progressed.Replicas));
        }
    }

    public void Apply(InsertEnded ended)
    {
        if (_inserts.TryGetValue(ended.Operation, out var insert))
        {
            port.Complete(() => insert.Ended.TrySetResult(ended.Result));
        }
    }

    public void Apply(LookupFailed failed)
    {
        if (!TryApply(failed.Operation, []))
        {
            Apply(failed.Operation, failed.Certain ? LookupResult.NotFound.Instance : LookupResult.Unreachable.Instance);
        }
    }

    public void Apply(ulong operation, LookupResult result)
    {
        if (_lookups.TryGetValue(operation, out var lookup))
        {
            port.Complete(() => lookup.Ended.TrySetResult(result));
        }
    }

    public void Apply(ReclaimEnded ended)
    {
        if (_reclaims.TryGetValue(ended.Operation, out var reclaim))
        {
            port.Complete(() => reclaim.Ended.TrySetResult(ended));
        }
    }

    public void EndRetirement() => port.Complete(() => _retired.TrySetResult());

    private ulong NewOperation()
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        port.FillRandom(number);
        return BitConverter.ToUInt64(number) & TimerTokens.OperationMask | 1;
    }
}

/// <summary>Is an insert that a user waits for.</summary>
internal sealed class PendingInsert(ulong operation, IProgress<InsertProgress>? progress)
{
    public ulong Operation { get; } = operation;

    public IProgress<InsertProgress>? Progress { get; } = progress;

    public TaskCompletionSource<InsertResult> Ended { get; } = new();
}

/// <summary>Is a lookup that a user waits for.</summary>
internal sealed class PendingLookup(ulong operation)
{
    public ulong Operation { get; } = operation;

    public TaskCompletionSource<LookupResult> Ended { get; } = new();
}

/// <summary>Is a search for holders that the reading of a file waits for.</summary>
internal sealed class PendingSearch(ulong operation)
{
    public ulong Operation { get; } = operation;

    public TaskCompletionSource<NodeHandle[]> Ended { get; } = new();
}

/// <summary>Is a reclaim that a user waits for.</summary>
internal sealed class PendingReclaim(ulong operation)
{
    public ulong Operation { get; } = operation;

    public TaskCompletionSource<ReclaimEnded> Ended { get; } = new();
}
