namespace P2P.Past.Protocol;

/// <summary>Asks a catalogue for a single replica.</summary>
internal static class ReplicaCatalogExtensions
{
    /// <summary>Finds a replica with its k; false where there is none.</summary>
    public static bool TryFind(this IReplicaCatalog store, FileId file, out StoredReplica replica)
    {
        Span<StoredReplica> found = new StoredReplica[1];
        var isFound = store.List(new KeyRange(file.RoutingKey, file.RoutingKey), after: null, found) == 1 && found[0].FileId == file;
        replica = found[0];
        return isFound;
    }
}
