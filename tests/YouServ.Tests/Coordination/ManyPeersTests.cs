using System.Net;
using P2P.YouServ;
using P2P.YouServ.Protocol;

namespace YouServ.Tests.Coordination;

/// <summary>
/// A hundred thousand peers come, go, sleep and crash in virtual time, and the coordinator is away for a while: the machines of both sides, with the world between them made of a
/// queue of events and a seed.
/// </summary>
public sealed class ManyPeersTests(Xunit.Abstractions.ITestOutputHelper output)
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("P2P_LONG") == "1";

    public static TheoryData<int, int> Worlds => new() { { IsLong ? 100_000 : 10_000, 1 }, { 1_000, 2 }, { 1_000, 3 } };

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Names_point_at_who_lives_and_at_nobody_else(int count, int seed)
    {
        output.WriteLine($"{count} peers, seed {seed}");
        var world = new World(count, seed);

        // Faults: peers crash, say goodbye, sleep and come back, and for ten minutes there is no coordinator.
        world.Run(until: TimeSpan.FromMinutes(30), faults: true);
        Assert.Equal(0, world.WrongfullyLost);

        // Then peace, for as long as a lease and the longest pause: all is as it should be.
        world.Run(until: TimeSpan.FromMinutes(35), faults: false);
        Assert.All(world.Peers, peer => Assert.Equal(peer.IsUp, world.IsServed(peer)));
        output.WriteLine($"{world.Events:n0} events, {world.Heartbeats:n0} heartbeats");
    }

    private sealed class World
    {
        private static readonly LeaseTerms Terms = new(TimeSpan.FromSeconds(15));
        private static readonly DateTimeOffset Epoch = DateTimeOffset.UnixEpoch;

        private readonly Random _random;
        private readonly PriorityQueue<Action, (TimeSpan Due, long Number)> _events = new();
        private readonly SiteRecord[] _sites;
        private LapseGuard? _guard;
        private TimeSpan _now;
        private long _number;
        private bool _hasFaults = true;

        public World(int count, int seed)
        {
            _random = new Random(seed);
            _sites = [.. Enumerable.Range(0, count).Select(index => new SiteRecord { Name = SiteName.Parse($"p{index}"), Owner = UserId.Parse($"p{index}") })];
            Peers = [.. Enumerable.Range(0, count).Select(index => new Peer(index))];
            _guard = new LapseGuard(Terms, TimeSpan.Zero, Epoch);
            foreach (var peer in Peers)
            {
                At(Random(TimeSpan.FromMinutes(2)), () => Start(peer));
            }

            At(Terms.HeartbeatInterval / 2, Sweep);
            At(TimeSpan.FromMinutes(10), () => _guard = null);
            At(TimeSpan.FromMinutes(20), () => _guard = new LapseGuard(Terms, _now, Epoch + _now));
        }

        public IReadOnlyList<Peer> Peers { get; }

        /// <summary>How often a name was taken from a peer that had lived for as long as a lease holds, whether or not there was a coordinator to hear it.</summary>
        public int WrongfullyLost { get; private set; }

        public long Events { get; private set; }

        public long Heartbeats { get; private set; }

        public bool IsServed(Peer peer) => _sites[peer.Index].Lease is { } lease && lease.Id == peer.Keeper.LeaseId;

        public void Run(TimeSpan until, bool faults)
        {
            _hasFaults = faults;
            while (_events.TryPeek(out var act, out var when) && when.Due <= until)
            {
                _events.Dequeue();
                _now = when.Due;
                Events++;
                act();
            }

            _now = until;
        }

        private void Start(Peer peer)
        {
            peer.Wake(_now);
            peer.Life++;
            peer.Keeper.Begin(_now);
            Schedule(peer);
            At(_now + Random(TimeSpan.FromMinutes(40)), () => Leave(peer));
        }

        private void Leave(Peer peer)
        {
            if (!_hasFaults)
            {
                return;
            }

            peer.IsUp = false;
            switch (_random.Next(3))
            {
                case 0 when _guard is not null && peer.Keeper.LeaseId is { } lease:
                    _sites[peer.Index] = SiteMachine.Release(_sites[peer.Index], lease, successor: null) ?? _sites[peer.Index];
                    peer.Keeper.End();
                    break;
                case 1:
                    peer.Keeper.End();
                    break;
                default:
                    // Asleep: it knows nothing of it, and wakes up with its old lease.
                    var life = peer.Life;
                    At(_now + Random(TimeSpan.FromMinutes(5)), () =>
                    {
                        if (peer.Life == life)
                        {
                            peer.Wake(_now);
                            Schedule(peer);
                            At(_now + Random(TimeSpan.FromMinutes(40)), () => Leave(peer));
                        }
                    });
                    return;
            }

            At(_now + Random(TimeSpan.FromMinutes(5)), () => Start(peer));
        }

        private void Schedule(Peer peer)
        {
            var (life, step, due) = (peer.Life, peer.Keeper.Next, peer.Keeper.Due);
            At(due > _now ? due : _now, () =>
            {
                if (peer.IsUp && peer.Life == life && peer.Keeper.Next == step && peer.Keeper.Due == due)
                {
                    Step(peer);
                }
            });
        }

        private void Step(Peer peer)
        {
            if (peer.Keeper.Next == LeaseStep.None)
            {
                return;
            }

            if (_guard is null)
            {
                peer.Keeper.Failed(_now, _random.NextDouble());
            }
            else if (peer.Keeper.Next == LeaseStep.Ask)
            {
                var lease = new SiteLease
                {
                    Id = $"{_number}",
                    Addresses = [IPAddress.Loopback],
                    Port = 80,
                    TokenHash = "",
                    GrantedAt = Epoch + _now,
                    ExpiresAt = Epoch + _now + Terms.Span,
                };
                _sites[peer.Index] = SiteMachine.Grant(_sites[peer.Index], lease);
                peer.Keeper.Granted(lease.Id, Terms.HeartbeatInterval, _now);
            }
            else
            {
                Heartbeats++;
                if (_sites[peer.Index].Lease is { } lease && lease.Id == peer.Keeper.LeaseId)
                {
                    _sites[peer.Index] = _sites[peer.Index] with { Lease = lease with { ExpiresAt = Epoch + _now + Terms.Span } };
                    peer.Keeper.Renewed(Terms.HeartbeatInterval, _now);
                }
                else
                {
                    peer.Keeper.Lost(isReplaced: false, _now);
                }
            }

            Schedule(peer);
        }

        private void Sweep()
        {
            At(_now + (Terms.HeartbeatInterval / 2), Sweep);
            if (_guard?.MayLapse(_now, Epoch + _now) is not true)
            {
                return;
            }

            foreach (var peer in Peers)
            {
                if (SiteMachine.Lapse(_sites[peer.Index], Epoch + _now, successor: null) is { } next)
                {
                    WrongfullyLost += peer.IsUp && peer.Keeper.LeaseId == _sites[peer.Index].Lease!.Id && peer.UpSince + Terms.Span <= _now ? 1 : 0;
                    _sites[peer.Index] = next;
                }
            }
        }

        private void At(TimeSpan due, Action act) => _events.Enqueue(act, (due, _number++));

        private TimeSpan Random(TimeSpan max) => max * _random.NextDouble();
    }

    private sealed class Peer(int index)
    {
        public int Index => index;

        public LeaseKeeper Keeper { get; } = new();

        public bool IsUp { get; set; }

        public int Life { get; set; }

        public TimeSpan UpSince { get; private set; }

        public void Wake(TimeSpan now) => (IsUp, UpSince) = (true, now);
    }
}
