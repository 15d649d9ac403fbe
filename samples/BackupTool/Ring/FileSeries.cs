using BackupTool.Vault;

namespace BackupTool.Ring;

/// <summary>Are files of the ring that are numbered, so that they are found again by whoever has the repository's keys.</summary>
/// <param name="Name">What they are.</param>
/// <param name="Scope">What their numbers count within; empty where there is one series of the name.</param>
/// <param name="Places">At how many places of the ring each may lie. With one, the ring tells who of several has been first; with more, a full neighbourhood is avoided.</param>
internal sealed record FileSeries(string Name, ReadOnlyMemory<byte> Scope, int Places)
{
    /// <summary>The states of the repository.</summary>
    public static FileSeries Heads { get; } = new("head", default, Places: 1);

    /// <summary>What a run has stored.</summary>
    public static FileSeries PacksOf(byte[] run) => new("pack", run, Places: 4);

    /// <summary>The salts under which one of them may lie.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Salts(RepositoryKeys keys, long number) =>
        Enumerable.Range(0, Places).Select(place => new ReadOnlyMemory<byte>(keys.Salt(Name, Scope.Span, number, place)));
}
