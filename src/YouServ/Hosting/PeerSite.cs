using Microsoft.Extensions.Logging;
using P2P.YouServ.Certificates;
using P2P.YouServ.Http.Files;
using P2P.YouServ.Storage;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>A user's site on this machine: the folder, and what its owner and its visitors have left with the peer.</summary>
internal sealed class PeerSite : IAsyncDisposable
{
    private const string HasReplicasName = "has replicas";

    private readonly SqliteDatabase _database;
    private readonly string _identityPath;
    private volatile KnownOwner? _owner;
    private long _aloneUntil;
    private bool? _hasReplicas;

    private PeerSite(SqliteDatabase database, string identityPath, SiteFolder folder, string folderPath) =>
        (_database, _identityPath, Folder, FolderPath) = (database, identityPath, folder, folderPath);

    public SiteFolder Folder { get; }

    /// <summary>Where the folder is on the machine.</summary>
    public string FolderPath { get; }

    public SqliteDatabase Database => _database;

    public required AccessBook Access { get; init; }

    public required LinkBook Links { get; init; }

    public required VisitBook Visits { get; init; }

    public required ReadingLog Readings { get; init; }

    public required PeerCertificate Certificate { get; init; }

    /// <summary>
    /// Until when this machine alone has the name for sure; null where nobody else could have it. After that another one may stand in, which sees the cookies of visitors: they open nothing here then.
    /// </summary>
    public DateTimeOffset? AloneUntil
    {
        get => Interlocked.Read(ref _aloneUntil) is var ticks and > 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
        set => Interlocked.Exchange(ref _aloneUntil, value?.UtcTicks ?? 0);
    }

    /// <summary>Whose site it is; null until somebody has signed in.</summary>
    public PeerIdentity? Identity => _owner?.Identity;

    /// <summary>Opens a site, and makes what is missing of it.</summary>
    /// <param name="folder">The folder that is the site.</param>
    /// <param name="stateFolder">Where everything else about it is kept.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">Is told what goes wrong.</param>
    public static async Task<PeerSite> OpenAsync(string folder, string stateFolder, TimeProvider clock, ILogger logger)
    {
        Directory.CreateDirectory(folder);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(stateFolder);
        }
        else
        {
            Directory.CreateDirectory(stateFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var identityPath = Path.Combine(stateFolder, "sign-in.json");
        var database = await SiteDatabase.OpenAsync(Path.Combine(stateFolder, "site.db")).ConfigureAwait(false);
        var site = new PeerSite(database, identityPath, SiteFolder.Open(folder), Path.GetFullPath(folder))
        {
            Access = await AccessBook.OpenAsync(database).ConfigureAwait(false),
            Links = await LinkBook.OpenAsync(database).ConfigureAwait(false),
            Visits = await VisitBook.OpenAsync(database).ConfigureAwait(false),
            Readings = new ReadingLog(database, clock, logger),
            Certificate = new PeerCertificate(Path.Combine(stateFolder, "certificate.pem")),
        };
        if (await site.GetAsync(HasReplicasName).ConfigureAwait(false) == "yes")
        {
            site.AloneUntil = clock.GetUtcNow();
        }

        site._owner = PeerIdentity.Load(identityPath) is { } identity ? new KnownOwner(identity) : null;
        return site;
    }

    /// <summary>Tells who a ticket says that the visitor is.</summary>
    /// <returns>The ticket; null if it is none of this site's coordinator for this site and moment.</returns>
    public Ticket? ReadTicket(string text, DateTimeOffset now) =>
        _owner is { } owner && owner.TicketKey.Read(text, owner.Identity.Host, now) is { } ticket && ticket.Machine == SignInProof.MachineOf(Token.Hash(owner.Identity.Token)) ? ticket : null;

    /// <summary>Tells whose tunnel may end here.</summary>
    /// <returns>The pass; null if it is none of this site's coordinator for this proxy and moment.</returns>
    public TunnelPass? ReadPass(string text, DateTimeOffset now) => _owner is { } owner ? owner.TicketKey.ReadPass(text, owner.Identity.Host, now) : null;

    /// <summary>Tells who may copy the site.</summary>
    /// <returns>The pass; null if it is none of this site's coordinator for this site and moment.</returns>
    public SyncPass? ReadSyncPass(string text, DateTimeOffset now) => _owner is { } owner ? owner.TicketKey.ReadSyncPass(text, owner.Identity.Host, now) : null;

    /// <summary>Verifies on whose behalf machines ask; null until somebody has signed in.</summary>
    public ProofReader? Proofs => _owner?.Proofs;

    /// <summary>Notes for the next start whether somebody else may have the name by then.</summary>
    public async ValueTask NoteReplicasAsync(bool hasReplicas)
    {
        if (hasReplicas != _hasReplicas)
        {
            await SetAsync(HasReplicasName, hasReplicas ? "yes" : "no").ConfigureAwait(false);
            _hasReplicas = hasReplicas;
        }
    }

    /// <summary>Reads what was noted about the site.</summary>
    public ValueTask<string?> GetAsync(string name) => _database.ReadAsync(session => session.ScalarAsync<string>("SELECT value FROM about WHERE name = @p1", name));

    /// <summary>Notes something about the site, durably.</summary>
    public async ValueTask SetAsync(string name, string value) => await _database.WriteAsync(session => session.ExecuteAsync(
        "INSERT INTO about (name, value) VALUES (@p1, @p2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)).ConfigureAwait(false);

    /// <summary>Says for whom a copy stands in; no longer than this object lives.</summary>
    public void StandInFor(PeerIdentity owner) => _owner = new KnownOwner(owner);

    /// <summary>Whether a visitor is the owner.</summary>
    public bool IsOwner(UserId user) => _owner?.Identity.User == user.Value;

    /// <summary>Takes over whose site it is.</summary>
    /// <exception cref="YouServException">The folder is somebody else's site.</exception>
    public void Adopt(PeerIdentity identity)
    {
        var owner = PeerIdentity.Load(_identityPath + ".owner");
        if (owner is not null && owner.User != identity.User)
        {
            throw new YouServException($"The state folder belongs to the site of {owner.User}, with its rules and its log. Name another folder for {identity.User}, or delete it.");
        }

        identity.Save(_identityPath);
        (identity with { Token = "" }).Save(_identityPath + ".owner");
        _owner = new KnownOwner(identity);
    }

    /// <summary>Forgets the sign-in. Whose site it is stays known.</summary>
    public void Forget()
    {
        File.Delete(_identityPath);
        _owner = null;
    }

    public async ValueTask DisposeAsync()
    {
        await Readings.DisposeAsync().ConfigureAwait(false);
        Access.Dispose();
        Links.Dispose();
        await _database.DisposeAsync().ConfigureAwait(false);
        Folder.Dispose();
    }

    private sealed class KnownOwner
    {
        public KnownOwner(PeerIdentity identity)
        {
            Identity = identity;
            TicketKey = TicketKey.FromPublic(Convert.FromBase64String(identity.TicketKey));
            Proofs = new ProofReader(TicketKey);
        }

        public PeerIdentity Identity { get; }

        public TicketKey TicketKey { get; }

        public ProofReader Proofs { get; }
    }
}
