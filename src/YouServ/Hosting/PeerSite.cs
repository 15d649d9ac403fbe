using Microsoft.Extensions.Logging;
using P2P.YouServ.Certificates;
using P2P.YouServ.Http.Files;
using P2P.YouServ.Storage;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>A user's site on this machine: the folder, and what its owner and its visitors have left with the peer.</summary>
internal sealed class PeerSite : IAsyncDisposable
{
    private readonly SqliteDatabase _database;
    private readonly string _identityPath;
    private volatile KnownOwner? _owner;

    private PeerSite(SqliteDatabase database, string identityPath, SiteFolder folder) => (_database, _identityPath, Folder) = (database, identityPath, folder);

    public SiteFolder Folder { get; }

    public required AccessBook Access { get; init; }

    public required LinkBook Links { get; init; }

    public required VisitBook Visits { get; init; }

    public required ReadingLog Readings { get; init; }

    public required PeerCertificate Certificate { get; init; }

    /// <summary>Whose site it is; null until somebody has signed in.</summary>
    public PeerIdentity? Identity => _owner?.Identity;

    public static async Task<PeerSite> OpenAsync(PeerOptions options, TimeProvider clock, ILogger logger)
    {
        Directory.CreateDirectory(options.Folder);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(options.StateFolder);
        }
        else
        {
            Directory.CreateDirectory(options.StateFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var identityPath = Path.Combine(options.StateFolder, "sign-in.json");
        var database = await SiteDatabase.OpenAsync(Path.Combine(options.StateFolder, "site.db")).ConfigureAwait(false);
        var site = new PeerSite(database, identityPath, SiteFolder.Open(options.Folder))
        {
            Access = await AccessBook.OpenAsync(database).ConfigureAwait(false),
            Links = await LinkBook.OpenAsync(database).ConfigureAwait(false),
            Visits = await VisitBook.OpenAsync(database).ConfigureAwait(false),
            Readings = new ReadingLog(database, clock, logger),
            Certificate = new PeerCertificate(Path.Combine(options.StateFolder, "certificate.pem")),
        };
        site._owner = PeerIdentity.Load(identityPath) is { } identity ? new KnownOwner(identity) : null;
        return site;
    }

    /// <summary>Tells who a ticket says that the visitor is.</summary>
    /// <returns>The ticket; null if it is none of this site's coordinator for this site and moment.</returns>
    public Ticket? ReadTicket(string text, DateTimeOffset now) => _owner is { } owner ? owner.TicketKey.Read(text, owner.Identity.Host, now) : null;

    /// <summary>Tells whose tunnel may end here.</summary>
    /// <returns>The pass; null if it is none of this site's coordinator for this proxy and moment.</returns>
    public TunnelPass? ReadPass(string text, DateTimeOffset now) => _owner is { } owner ? owner.TicketKey.ReadPass(text, owner.Identity.Host, now) : null;

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

    private sealed class KnownOwner(PeerIdentity identity)
    {
        public PeerIdentity Identity => identity;

        public TicketKey TicketKey { get; } = TicketKey.FromPublic(Convert.FromBase64String(identity.TicketKey));
    }
}
