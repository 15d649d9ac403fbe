using System.Net;

namespace P2P.YouServ.Dns;

/// <summary>Sets up an <see cref="UpdatePublisher"/>.</summary>
public sealed class UpdatePublisherOptions
{
    /// <summary>The zone's primary server: an <see cref="IPEndPoint"/>, or a <see cref="DnsEndPoint"/> whose name is resolved for each update. Its port is 53 mostly.</summary>
    public required EndPoint Server { get; set; }

    /// <summary>The zone that is updated, as the server has it.</summary>
    public required DnsName Zone { get; set; }

    /// <summary>What updates are signed with, and what the server must sign its answers with.</summary>
    public required TsigKey Key { get; set; }

    /// <summary>How long others may keep a set that says nothing of it, in whole seconds from 0; default 10 s.</summary>
    public TimeSpan DefaultTimeToLive { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an answer is waited for, up to a minute; default 4 s. An update is tried three times, so that one that fails takes three times as long at most.</summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>How many updates are under way at once, 1 to 1,024; default 32. Further ones wait.</summary>
    public int ConcurrentUpdatesMax { get; set; } = 32;

    /// <summary>The clock; default the system's. Signatures hold for five minutes around its time.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Gives a copy that stays as it is.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal UpdatePublisherOptions Validated()
    {
        ArgumentNullException.ThrowIfNull(Server);
        ArgumentNullException.ThrowIfNull(Key);
        ArgumentNullException.ThrowIfNull(Time);
        ZoneChange.Seconds(DefaultTimeToLive, nameof(DefaultTimeToLive));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AnswerTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(AnswerTimeout, TimeSpan.FromMinutes(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(ConcurrentUpdatesMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ConcurrentUpdatesMax, 1024);
        return (UpdatePublisherOptions)MemberwiseClone();
    }
}
