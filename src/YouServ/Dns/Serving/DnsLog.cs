using Microsoft.Extensions.Logging;

namespace P2P.YouServ.Dns;

internal static partial class DnsLog
{
    [LoggerMessage(5600, LogLevel.Information, "The zone {Zone} is served with serial {Serial} at {Endpoints}.")]
    public static partial void Started(this ILogger logger, DnsName zone, uint serial, string endpoints);

    [LoggerMessage(5601, LogLevel.Warning, "What was published for {Name} of type {Type} is dropped: the server's options leave no place for it.")]
    public static partial void Dropped(this ILogger logger, Exception exception, DnsName name, DnsRecordType type);
}
