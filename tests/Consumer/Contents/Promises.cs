namespace Consumer.Contents;

/// <summary>Says of each package what it promises to bring along. What is not named here must not come.</summary>
internal static class Promises
{
    private const string Sqlite = "Microsoft.Data.Sqlite";
    private const string NativeSqlite = "SQLitePCLRaw.bundle_e_sqlite3";

    private static readonly string[] Overlay =
    [
        "MessagePack",
        "Microsoft.Extensions.DependencyInjection.Abstractions",
        "Microsoft.Extensions.Hosting.Abstractions",
        "Microsoft.Extensions.Logging.Abstractions",
        "Microsoft.Extensions.Options",
        "Microsoft.NET.StringTools",
    ];

    /// <summary>The packages on which each depends. Of what these depend on in turn, some are named as well, so that everybody gets the versions that were tested.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Dependencies = new Dictionary<string, string[]>
    {
        ["P2P.Bloom"] = [],
        ["P2P.Pastry"] = [.. Overlay],
        ["P2P.Past"] = ["P2P.Bloom", "P2P.Pastry", Sqlite, NativeSqlite, .. Overlay],
        ["P2P.Scribe"] = ["P2P.Pastry", .. Overlay],
        ["P2P.YouServ"] = [Sqlite, NativeSqlite, "Npgsql"],
        ["P2P.YouSearch"] = ["P2P.Bloom", "P2P.YouServ", "AngleSharp", Sqlite, NativeSqlite, "Npgsql"],
    };

    public static IEnumerable<string> Packages => Dependencies.Keys;

    /// <summary>Whether a package needs ASP.NET Core, which comes with the runtime.</summary>
    public static bool NeedsWebFramework(string package) => package is "P2P.YouServ" or "P2P.YouSearch";
}
