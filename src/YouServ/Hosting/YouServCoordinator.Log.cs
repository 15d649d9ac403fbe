using Microsoft.Extensions.Logging;

namespace P2P.YouServ;

public sealed partial class YouServCoordinator
{
    [LoggerMessage(5001, LogLevel.Information, "Session {SessionId} of kind {Kind} begins for the owner of {Site}.")]
    private partial void LogSignedIn(string sessionId, SessionKind kind, SiteName site);

    [LoggerMessage(5002, LogLevel.Information, "{Site} is served by lease {LeaseId}.")]
    private partial void LogGranted(SiteName site, string leaseId);

    [LoggerMessage(5003, LogLevel.Information, "{Site} is not served: the peer that asked for its name cannot be reached from here.")]
    private partial void LogUnreachable(SiteName site);

    [LoggerMessage(5004, LogLevel.Information, "{Site} is handed over to the peer of {Holder}, which has state {Version} of it.")]
    private partial void LogStandsIn(SiteName site, SiteName holder, long version);
}
