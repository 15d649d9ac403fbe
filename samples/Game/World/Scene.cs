using P2P.Pastry;

namespace Game.World;

/// <summary>
/// Is the world as one player sees it: its own ship, the others near by, the shots that fly, and the scores. What others say comes in, what is to be said comes out; time comes in, too. Everything is
/// bounded: beyond a bound, what is new is not shown.
/// </summary>
internal sealed class Scene
{
    /// <summary>A ship that was not heard of for this many seconds is out of sight.</summary>
    public const double SightPatience = 2;

    private const int OthersMax = 512;

    /// <summary>Who goes and comes within so many seconds is not announced again.</summary>
    private const double ArrivalPause = 20;

    private const int ShotsMax = 512;

    private readonly Dictionary<NodeId, Other> _others = [];
    private readonly List<Shot> _shots = [];
    private readonly Dictionary<NodeId, double> _downedAt = [];
    private readonly Dictionary<NodeId, double> _arrivedAt = [];
    private readonly WordsLimit _words = new();
    private double _now;

    /// <param name="id">Who one is.</param>
    /// <param name="name">One's name.</param>
    /// <param name="isBot">Whether one flies by itself.</param>
    /// <param name="pilot">One's own ship.</param>
    public Scene(NodeId id, string name, bool isBot, Pilot pilot)
    {
        (Id, Pilot) = (id, pilot);
        Own = new Standing(name, 0, 0, isBot, pilot.Flight.Place);
    }

    public NodeId Id { get; }

    public Pilot Pilot { get; }

    /// <summary>What one says of oneself.</summary>
    public Standing Own { get; private set; }

    public Scoreboard Scores { get; } = new();

    public IReadOnlyCollection<Other> Others => _others.Values;

    public IReadOnlyList<Shot> Shots => _shots;

    /// <summary>Is told what is new, while it happens.</summary>
    public Action<Happening>? Happened { get; set; }

    /// <summary>Lets time go on.</summary>
    /// <returns>What others are to be told: what one has fired, and by what one was hit.</returns>
    public IReadOnlyList<Happening> Advance(double now)
    {
        List<Happening>? news = null;
        var (before, place) = (_now, Pilot.Flight.Place);
        _now = now;
        foreach (var shot in Pilot.Advance(now))
        {
            _shots.Add(shot);
            Tell(new Happening.Fired(shot), ref news);
        }

        Own = Own with { Place = Pilot.Flight.Place };
        TakeHits(place, before, now, ref news);
        _shots.RemoveAll(shot => shot.IsOver(now));
        foreach (var other in _others.Values.Where(other => now - other.HeardAt > SightPatience).ToArray())
        {
            LoseSight(other.Id);
        }

        foreach (var (id, name) in Scores.Forget(now))
        {
            LoseSight(id);
            Happened?.Invoke(new Happening.Gone(id, name));
        }

        Happened?.Invoke(new Happening.Flew(Pilot.Flight, Pilot.Health, Pilot.Marks, Pilot.Press, Pilot.StepsSincePress));
        return news ?? [];
    }

    /// <summary>Somebody has said how it flies. What is older than what is known is not shown.</summary>
    public void TakeFlight(NodeId id, Flight flight, int health, Marks marks, double saidAt, double now)
    {
        if (id == Id || (_others.TryGetValue(id, out var known) ? saidAt < known.SaidAt && now - known.HeardAt < SightPatience : _others.Count >= OthersMax))
        {
            return;
        }

        var other = _others[id] = new Other(id, flight, health, marks, saidAt, now);
        Happened?.Invoke(new Happening.Moved(other));
    }

    /// <summary>Somebody has fired.</summary>
    public void TakeShot(NodeId by, uint number, Vector from, double heading, double now)
    {
        if (by == Id || _shots.Count >= ShotsMax || _shots.Exists(shot => shot.By == by && shot.Since > now - (Pilot.Reload / 3)))
        {
            return;
        }

        var shot = new Shot(by, number, from, heading, now);
        _shots.Add(shot);
        Happened?.Invoke(new Happening.Fired(shot));
    }

    /// <summary>Somebody says that it was hit.</summary>
    public void TakeHit(NodeId target, NodeId by, uint number, int healthLeft, Vector place)
    {
        if (target != Id)
        {
            _shots.RemoveAll(shot => shot.By == by && shot.Number == number);
            Happened?.Invoke(new Happening.Hit(target, by, number, healthLeft, place));
        }
    }

    /// <summary>Somebody says that it was shot down: no more often than ships come back.</summary>
    /// <returns>True where oneself has done it: then one says one's new score.</returns>
    public bool TakeDowned(NodeId target, NodeId by, double now)
    {
        if (target == Id || !IsFirst(_downedAt, target, now, Pilot.DownTime))
        {
            return false;
        }

        Happened?.Invoke(new Happening.Downed(target, by));
        if (by != Id)
        {
            return false;
        }

        Own = Own with { Score = Own.Score + 1 };
        return true;
    }

    /// <summary>Somebody has said who it is and how it stands.</summary>
    public void TakeStanding(NodeId id, Standing standing, double now)
    {
        if (Scores.Take(id, standing, now) && id != Id && IsFirst(_arrivedAt, id, now, ArrivalPause))
        {
            Happened?.Invoke(new Happening.Arrived(id, standing.Name));
        }
    }

    /// <summary>Somebody has said something. It is shown under the name that the scores show, and with digits of its id where that is not the only one of that name.</summary>
    public void TakeWords(NodeId id, string name, string text, double now)
    {
        if (!_words.TryTake(id, now))
        {
            return;
        }

        name = Scores.Find(id)?.Name ?? name;
        var shown = Scores.IsTaken(name, by: id) ? $"{name} ({id.ToString()[..4]})" : name;
        Happened?.Invoke(new Happening.Said(id, shown, text));
    }

    /// <summary>Somebody leaves.</summary>
    public void TakeFarewell(NodeId id)
    {
        if (id != Id && Scores.Find(id) is { } standing)
        {
            Scores.Remove(id);
            LoseSight(id);
            Happened?.Invoke(new Happening.Gone(id, standing.Name));
        }
    }

    /// <summary>Who is hit decides it: one's own ship is compared with the shots of others, and nobody else's is.</summary>
    private void TakeHits(Vector place, double before, double now, ref List<Happening>? news)
    {
        for (var i = _shots.Count - 1; i >= 0; i--)
        {
            var shot = _shots[i];
            if (shot.By == Id || !(shot.Hits(Pilot.Flight.Place, before, now) || shot.Hits(place, before, now)) || !Pilot.TakeHit())
            {
                continue;
            }

            _shots.RemoveAt(i);
            Tell(new Happening.Hit(Id, shot.By, shot.Number, Pilot.Health, Pilot.Flight.Place), ref news);
            if (Pilot.IsDown)
            {
                Own = Own with { Losses = Own.Losses + 1 };
                Tell(new Happening.Downed(Id, shot.By), ref news);
            }
        }
    }

    /// <summary>Tells whether something of somebody has not happened for a while, and notes that it has.</summary>
    private static bool IsFirst(Dictionary<NodeId, double> times, NodeId id, double now, double pause)
    {
        if (times.TryGetValue(id, out var at) && now - at < pause)
        {
            return false;
        }

        if (times.Count >= OthersMax)
        {
            foreach (var (old, _) in times.Where(time => now - time.Value >= pause).ToArray())
            {
                times.Remove(old);
            }
        }

        return times.Count < OthersMax && (times[id] = now) == now;
    }

    private void Tell(Happening happening, ref List<Happening>? news)
    {
        (news ??= []).Add(happening);
        Happened?.Invoke(happening);
    }

    private void LoseSight(NodeId id)
    {
        if (_others.Remove(id))
        {
            Happened?.Invoke(new Happening.OutOfSight(id));
        }
    }
}
