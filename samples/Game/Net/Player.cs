using Game.Messages;
using Game.World;
using P2P.Pastry;
using P2P.Scribe;

namespace Game.Net;

/// <summary>
/// Is one player on its own node: it lets its ship fly, says how it flies in the group of the area where it is, and is a member of the groups of the areas near by. A scene is one thread's at a time;
/// this sees to it.
/// </summary>
internal sealed class Player : IAsyncDisposable
{
    /// <summary>A person's ship answers to its buttons this often a second; a bot's as often as it says how it flies.</summary>
    private const int StepsPerSecond = 60;

    /// <summary>How often one says who one is, in seconds; also as soon as it changes.</summary>
    private const double StandingInterval = 2;

    /// <summary>How soon it is said that it has changed.</summary>
    private const double StandingPause = 0.25;

    private readonly IScribe _scribe;
    private readonly WorldGroups _world;
    private readonly PlayerOptions _options;
    private readonly GameClock _clock;
    private readonly Traffic _traffic;
    private readonly Func<NodeId, bool> _isHere;
    private readonly AreaOfInterest _interest;
    private readonly Autopilot? _autopilot;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<Area, Seat> _areas = [];
    private readonly Seat _scores;
    private readonly Seat _chat;
    private Sight _sight = Sight.Usual;
    private Task _flying = Task.CompletedTask;
    private double _saysFlightAt;
    private double _saysStandingAt;

    /// <param name="scribe">SCRIBE on its node.</param>
    /// <param name="world">The world.</param>
    /// <param name="options">How it takes part.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="traffic">Counts.</param>
    /// <param name="isHere">Tells who is a player of this process, and has its clock.</param>
    public Player(IScribe scribe, WorldGroups world, PlayerOptions options, GameClock clock, Traffic traffic, Func<NodeId, bool> isHere)
    {
        (_scribe, _world, _options, _clock, _traffic, _isHere) = (scribe, world, options, clock, traffic, isHere);
        _interest = new AreaOfInterest(options.IsEverything);
        _autopilot = options.IsBot ? new Autopilot(options.Random) : null;
        Scene = new Scene(Id, PlainText.Name(options.Name), options.IsBot, new Pilot(Id, options.Start, clock.Now, options.Random));
        _scores = new Seat(scribe, world, WorldGroups.Scores, new(), TakeForAll, clock.Time);
        _chat = new Seat(scribe, world, WorldGroups.Chat, new() { HistoryCount = 20 }, TakeForAll, clock.Time);
    }

    public NodeId Id => _scribe.PublicKey.NodeId;

    public IScribe Scribe => _scribe;

    /// <summary>Whether it is a member of all groups that it wants to be in.</summary>
    public bool IsSettled
    {
        get
        {
            lock (_gate)
            {
                return _areas.Count > 0 && _areas.Values.All(seat => seat.IsTaken) && _scores.IsTaken && _chat.IsTaken;
            }
        }
    }

    private Scene Scene { get; }

    /// <summary>Looks at the scene, or changes it, while nobody else does.</summary>
    public T With<T>(Func<Scene, T> use)
    {
        lock (_gate)
        {
            return use(Scene);
        }
    }

    /// <summary>Begins to play.</summary>
    public void Begin()
    {
        _scores.Begin();
        _chat.Begin();
        _flying = FlyAsync(_stopping.Token);
    }

    /// <summary>Takes what is pressed from now on.</summary>
    /// <param name="buttons">What is pressed.</param>
    /// <param name="press">The number by which the page knows it.</param>
    public void Press(Buttons buttons, uint press)
    {
        lock (_gate)
        {
            Advance();
            Scene.Pilot.Take(buttons, press);
        }
    }

    /// <summary>Takes how far the page shows.</summary>
    public void Look(Sight sight)
    {
        lock (_gate)
        {
            _sight = sight;
        }
    }

    /// <summary>Says something to all.</summary>
    public void Say(string text)
    {
        if (PlainText.Said(text) is { Length: > 0 } clean)
        {
            _ = TellAsync(_chat, new GameMessage.Says(With(scene => scene.Own.Name), clean));
        }
    }

    /// <summary>Says farewell, and leaves.</summary>
    public async ValueTask DisposeAsync()
    {
        Stop();
        await _flying;
        if (_scores.IsTaken)
        {
            await TellAsync(_scores, new GameMessage.Leaves());
        }

        foreach (var seat in (Seat[])[_scores, _chat, .. _areas.Values])
        {
            await seat.DisposeAsync();
        }

        _stopping.Dispose();
    }

    private void Stop() => _stopping.Cancel();

    private async Task FlyAsync(CancellationToken stopping)
    {
        var period = TimeSpan.FromSeconds(1.0 / (_options.IsBot ? _options.Rate : Math.Max(StepsPerSecond, _options.Rate)));
        try
        {
            // Players of one process that all speak at once would wait for each other.
            await Task.Delay(period * _options.Random.NextDouble(), _clock.Time, stopping);
            using var timer = new PeriodicTimer(period, _clock.Time);
            do
            {
                lock (_gate)
                {
                    Advance();
                    SayFlight();
                    SayStanding();
                    TakeSeats();
                }
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException)
        {
            // It leaves.
        }
    }

    private void Advance()
    {
        var now = _clock.Now;
        if (_autopilot is not null)
        {
            Scene.Pilot.Take(_autopilot.Decide(Scene, now), press: 0);
        }

        foreach (var news in Scene.Advance(now))
        {
            Tell(news);
        }
    }

    private void Tell(Happening news)
    {
        switch (news)
        {
            case Happening.Fired { Shot: var shot }:
                TellArea(shot.From, new GameMessage.Fired(shot.Number, shot.From, shot.Heading));
                break;
            case Happening.Hit hit:
                TellArea(hit.Place, new GameMessage.Hit(hit.By, hit.Number, hit.HealthLeft, hit.Place));
                break;
            case Happening.Downed downed:
                _ = TellAsync(_scores, new GameMessage.Downed(downed.By));
                _saysStandingAt = 0;
                break;
            default:
                break;
        }
    }

    private void SayFlight()
    {
        var now = _clock.Now;

        // A tick that comes a little early is the one that is due.
        if (now + 0.005 < _saysFlightAt)
        {
            return;
        }

        _saysFlightAt = Math.Max(_saysFlightAt, now - (1.0 / _options.Rate)) + (1.0 / _options.Rate);
        var pilot = Scene.Pilot;
        TellArea(pilot.Flight.Place, new GameMessage.Flown(now, pilot.Flight, pilot.Health, pilot.Marks));
    }

    private void SayStanding()
    {
        var now = _clock.Now;
        Scene.TakeStanding(Id, Scene.Own, now);
        if (now >= _saysStandingAt && _scores.IsTaken)
        {
            _saysStandingAt = now + StandingInterval;
            _ = TellAsync(_scores, new GameMessage.Stands(Scene.Own));
        }
    }

    private void TakeSeats()
    {
        var (entered, left) = _interest.Move(Scene.Pilot.Flight.Place, _sight);
        foreach (var area in entered)
        {
            var seat = _areas[area] = new Seat(_scribe, _world, WorldGroups.NameOf(area), new(), (author, message) => TakeInArea(area, author, message), _clock.Time);
            seat.Begin();
            _traffic.CountEntered();
        }

        foreach (var area in left)
        {
            if (_areas.Remove(area, out var seat))
            {
                _ = seat.DisposeAsync().AsTask();
            }
        }
    }

    /// <summary>Says something in the group of the area where it happens, as others will read the place.</summary>
    private void TellArea(Vector place, GameMessage message)
    {
        if (_areas.TryGetValue(Area.Of(MessageFormat.Round(place)), out var seat) && seat.IsTaken)
        {
            _ = TellAsync(seat, message);
        }
        else
        {
            _traffic.CountUnsaid();
        }
    }

    private async Task TellAsync(Seat seat, GameMessage message)
    {
        if (await seat.SayAsync(message))
        {
            _traffic.CountSaid();
        }
    }

    /// <summary>Takes what is said in an area's group, where it concerns that area: who speaks elsewhere wants to be seen where nobody can answer.</summary>
    private void TakeInArea(Area area, NodeId author, GameMessage message)
    {
        lock (_gate)
        {
            var now = _clock.Now;
            _traffic.CountHeard();
            switch (message)
            {
                case GameMessage.Flown flown when Area.Of(flown.Flight.Place) == area:
                    Scene.TakeFlight(author, flown.Flight, flown.Health, flown.Marks, flown.SaidAt, now);
                    if (author != Id && _isHere(author))
                    {
                        _traffic.CountUpdate(now - flown.SaidAt);
                    }

                    break;
                case GameMessage.Fired fired when Area.Of(fired.From) == area:
                    Scene.TakeShot(author, fired.Number, fired.From, fired.Heading, now);
                    break;
                case GameMessage.Hit hit when Area.Of(hit.Place) == area:
                    Scene.TakeHit(author, hit.By, hit.Number, hit.HealthLeft, hit.Place);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Takes what is said to all.</summary>
    private void TakeForAll(NodeId author, GameMessage message)
    {
        lock (_gate)
        {
            _traffic.CountHeard();
            switch (message)
            {
                case GameMessage.Stands stands when author != Id:
                    Scene.TakeStanding(author, stands.Standing, _clock.Now);
                    break;
                case GameMessage.Downed downed when Scene.TakeDowned(author, downed.By, _clock.Now):
                    _saysStandingAt = Math.Min(_saysStandingAt, _clock.Now + StandingPause);
                    break;
                case GameMessage.Leaves:
                    Scene.TakeFarewell(author);
                    break;
                case GameMessage.Says says:
                    Scene.TakeWords(author, says.Name, says.Text, _clock.Now);
                    break;
                default:
                    break;
            }
        }
    }
}
