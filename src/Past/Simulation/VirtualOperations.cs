namespace P2P.Past.Simulation;

/// <summary>Matches the operations of one node's users with the outcomes that the machine gives, and counts these.</summary>
internal sealed class VirtualOperations(VirtualArchive archive)
{
    private readonly Dictionary<ulong, (FileCertificate Certificate, Action<InsertResult> Ended)> _inserts = [];
    private readonly Dictionary<ulong, Action<VirtualLookup>> _lookups = [];
    private readonly Dictionary<ulong, Action<ReclaimResult>> _reclaims = [];

    private VirtualArchiveCounters Counters => archive.Counters;

    public ulong Begin(FileCertificate certificate, Action<InsertResult> ended)
    {
        var operation = archive.NextOperation();
        _inserts.Add(operation, (certificate, ended));
        return operation;
    }

    public ulong Begin(Action<VirtualLookup> ended)
    {
        var operation = archive.NextOperation();
        _lookups.Add(operation, ended);
        return operation;
    }

    public ulong Begin(Action<ReclaimResult> ended)
    {
        var operation = archive.NextOperation();
        _reclaims.Add(operation, ended);
        return operation;
    }

    public bool IsLookedUp(ulong operation) => _lookups.ContainsKey(operation);

    /// <returns>False where it has ended before.</returns>
    public bool End(ulong operation, InsertResult result)
    {
        if (!_inserts.Remove(operation, out var insert))
        {
            return false;
        }

        _ = result switch
        {
            InsertResult.Stored => Counters.InsertsStored++,
            InsertResult.Refused => Counters.InsertsRefused++,
            _ => Counters.InsertsIndeterminate++,
        };
        archive.Overlay.Schedule(TimeSpan.Zero, () => insert.Ended(result));
        return true;
    }

    public void End(ulong operation, VirtualLookup result)
    {
        if (!_lookups.Remove(operation, out var ended))
        {
            return;
        }

        _ = result switch
        {
            VirtualLookup.Found => Counters.LookupsFound++,
            VirtualLookup.NotFound => Counters.LookupsNotFound++,
            _ => Counters.LookupsUnreachable++,
        };
        archive.Overlay.Schedule(TimeSpan.Zero, () => ended(result));
    }

    public void End(ulong operation, ReclaimResult result)
    {
        if (_reclaims.Remove(operation, out var ended))
        {
            archive.Overlay.Schedule(TimeSpan.Zero, () => ended(result));
        }
    }

    /// <summary>Ends all, since the node has stopped: of none is anything certain.</summary>
    public void EndAll()
    {
        foreach (var operation in _inserts.Keys.ToArray())
        {
            End(operation, new InsertResult.Indeterminate(_inserts[operation].Certificate, []));
        }

        foreach (var operation in _lookups.Keys.ToArray())
        {
            End(operation, VirtualLookup.Unreachable.Instance);
        }

        foreach (var operation in _reclaims.Keys.ToArray())
        {
            End(operation, new ReclaimResult.Indeterminate([]));
        }
    }
}
