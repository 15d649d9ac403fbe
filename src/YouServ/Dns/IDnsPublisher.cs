namespace P2P.YouServ.Dns;

/// <summary>Publishes where names lead: into the server that this process runs (<see cref="DnsServer"/>), or to one of the organisation's (<see cref="UpdatePublisher"/>).</summary>
public interface IDnsPublisher
{
    /// <summary>
    /// Replaces record sets. Each change says all that the name has of that type from now on; one without values removes what was there. Doing it again changes nothing.
    /// Changes of one call are made together or not at all; a call that begins when another has completed takes effect behind it.
    /// </summary>
    /// <param name="changes">The record sets; none makes the call do nothing.</param>
    /// <param name="cancellationToken">Gives up. What was begun may still be done.</param>
    /// <returns>A task that completes when the change is durable and the next query sees it.</returns>
    /// <exception cref="ArgumentException">A name lies outside of the zone, or a value is none of its type.</exception>
    /// <exception cref="YouServException">The change could not be made; what was published stays.</exception>
    ValueTask PublishAsync(IReadOnlyList<DnsRecordSet> changes, CancellationToken cancellationToken = default);
}
