namespace P2P.YouServ.Dns;

/// <summary>Is one change of a zone, checked and encoded.</summary>
/// <param name="Set">The set as it was published.</param>
/// <param name="TimeToLive">How long others may keep it, in seconds.</param>
/// <param name="Encoded">The set in answers; null removes it.</param>
internal sealed record ZoneChange(DnsRecordSet Set, uint TimeToLive, EncodedSet? Encoded)
{
    /// <summary>Checks a set and encodes it.</summary>
    /// <exception cref="ArgumentException">The set is none of the zone's.</exception>
    public static ZoneChange Of(DnsRecordSet set, DnsName origin, TimeSpan defaultTimeToLive)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(set.Values);

        // The caller may change the list while the change waits.
        set = set with { Values = [.. set.Values] };
        if (!set.Name.IsWithin(origin))
        {
            throw new ArgumentException($"{set.Name} lies outside of the zone {origin}.", nameof(set));
        }

        if (!Enum.IsDefined(set.Type))
        {
            throw new ArgumentException($"Records of type {set.Type} can't be published; {nameof(DnsRecordType)} lists those that can.", nameof(set));
        }

        var timeToLive = Seconds(set.TimeToLive ?? defaultTimeToLive, $"The time to live of {set.Name}'s {set.Type}");
        return new ZoneChange(set, timeToLive, set.Values.Count == 0 ? null : SetEncoder.Encode(origin, set, timeToLive));
    }

    public static uint Seconds(TimeSpan time, string what) =>
        time.Ticks % TimeSpan.TicksPerSecond == 0 && time.Ticks / TimeSpan.TicksPerSecond is >= 0 and <= int.MaxValue and var seconds
            ? (uint)seconds
            : throw new ArgumentException($"{what} is whole seconds from 0 to {int.MaxValue}; not {time}.", nameof(time));
}
