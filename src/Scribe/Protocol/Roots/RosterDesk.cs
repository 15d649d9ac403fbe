using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Tells members who is in their group, where its policy lets it (<see cref="GroupPolicy.ShowsMembers"/>). Each member says from time to time, signed, that it is
/// there, the less often the more there are, and the last time that it goes; so nobody has to be believed about anybody else.
/// </summary>
internal sealed class RosterDesk(ScribeOptions options, TreeDesk trees)
{
    /// <summary>A member counts as gone after so many times its interval without a word.</summary>
    private const double SilenceMax = 3.5;

    /// <summary>Up to so many members everybody speaks at the full rate, and up to so many greet newcomers, who else would learn of them only in their turn.</summary>
    private const int FullRateMax = 100, GreetMax = 64;

    private static readonly TimeSpan GreetWithin = TimeSpan.FromSeconds(1);

    private readonly Dictionary<GroupId, Watch> _watches = [];
    private readonly Alarm _alarm = new(TimerTokens.Roster);

    /// <summary>This node has a membership more.</summary>
    public void OnJoined(GroupState group, IOverlay overlay)
    {
        if (group.Certificate!.Policy.ShowsMembers)
        {
            var watch = _watches.TryGetValue(group.Id, out var known) ? known : _watches[group.Id] = new Watch();
            watch.SpeakAt = overlay.Now;
            Expire(overlay);
        }
    }

    /// <summary>Somebody says that it is in the group, or that it leaves.</summary>
    public void OnPresence(GroupState group, SignedBatch batch, IOverlay overlay)
    {
        if (!group.IsMember || !_watches.TryGetValue(group.Id, out var watch))
        {
            return;
        }

        var member = batch.Author.NodeId;
        if (!batch.IsPresent)
        {
            if (watch.Roster.Remove(member))
            {
                overlay.Perform(new MemberLeft(group.Id, member));
            }
        }
        else if (watch.Roster.Add(member, overlay.Now))
        {
            overlay.Perform(new MemberJoined(group.Id, member));
            if (watch.Roster.Count <= GreetMax)
            {
                // Several newcomers are greeted together.
                var begin = watch.SpokeAt + GreetWithin > overlay.Now ? watch.SpokeAt + GreetWithin : overlay.Now;
                var greetAt = begin + GreetWithin * Fraction(overlay);
                watch.SpeakAt = greetAt < watch.SpeakAt ? greetAt : watch.SpeakAt;
                _alarm.Set(watch.SpeakAt, overlay);
            }
        }
    }

    /// <summary>Does what is due.</summary>
    public void Expire(IOverlay overlay)
    {
        foreach (var (id, watch) in _watches.ToArray())
        {
            if (trees.Find(id) is not { IsMember: true })
            {
                _watches.Remove(id);
                continue;
            }

            var interval = IntervalOf(watch);
            foreach (var silent in watch.Roster.RemoveSilent(SilenceMax * interval, overlay.Now))
            {
                overlay.Perform(new MemberLeft(id, silent));
            }

            if (watch.SpeakAt <= overlay.Now)
            {
                watch.SpokeAt = overlay.Now;
                watch.SpeakAt = overlay.Now + interval * (0.75 + 0.5 * Fraction(overlay));
                overlay.Perform(new SayPresent(id));
            }

            _alarm.Set(watch.SpeakAt, overlay);
        }
    }

    public void OnAlarm(IOverlay overlay)
    {
        if (_alarm.Rings(overlay.Now))
        {
            Expire(overlay);
        }
    }

    private static double Fraction(IOverlay overlay) => (overlay.NextRandom() >> 11) * (1.0 / (1UL << 53));

    private TimeSpan IntervalOf(Watch watch) => options.PresenceInterval * Math.Max(1, (double)watch.Roster.Count / FullRateMax);

    /// <summary>Is what this node knows of a group's members, and when it speaks for its own.</summary>
    private sealed class Watch
    {
        public Roster Roster { get; } = new();

        public Instant SpokeAt { get; set; } = new(long.MinValue / 2);

        public Instant SpeakAt { get; set; }
    }
}
