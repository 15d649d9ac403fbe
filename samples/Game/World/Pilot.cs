using P2P.Pastry;

namespace Game.World;

/// <summary>
/// Is one's own ship: it flies as one presses, fires, is hit, and comes back. It is its own authority: nobody else says where it is or that it was hit. No clock: time comes in.
/// </summary>
internal sealed class Pilot
{
    public const int HealthMax = 3;

    /// <summary>How long it is gone.</summary>
    public const double DownTime = 2;

    /// <summary>How long nothing hits who has just come.</summary>
    public const double ShieldTime = 1.5;

    /// <summary>The time between two shots.</summary>
    public const double Reload = 0.25;

    private const double NoseLength = 16;

    /// <summary>Who was asleep for longer goes on where it was.</summary>
    private const double CatchUpMax = 0.5;

    private readonly NodeId _id;
    private readonly Random _random;
    private double _now;
    private double _loadedAt;
    private double _backAt;
    private double _shieldUntil;
    private uint _shots;

    /// <param name="id">Who it is.</param>
    /// <param name="start">Where it begins, pointing to the right; null for anywhere, and anyhow.</param>
    /// <param name="now">The time, in seconds.</param>
    /// <param name="random">Draws the places where it comes back.</param>
    public Pilot(NodeId id, Vector? start, double now, Random random)
    {
        (_id, _random, _now) = (id, random, now);
        Begin(start ?? AnyPlace());
        Flight = start is null ? Flight : Flight with { Heading = 0 };
    }

    public Flight Flight { get; private set; }

    /// <summary>What is pressed, until something else is.</summary>
    public Buttons Buttons { get; private set; }

    /// <summary>The number by which the page knows what is pressed.</summary>
    public uint Press { get; private set; }

    /// <summary>How many steps it has flown since: by both, the page finds its own prediction for the same moment.</summary>
    public int StepsSincePress { get; private set; }

    /// <summary>How many more hits it stands; 0 while it is gone.</summary>
    public int Health { get; private set; }

    public bool IsDown => Health == 0;

    public bool IsShielded => !IsDown && _now < _shieldUntil;

    /// <summary>What others see of it.</summary>
    public Marks Marks => (Buttons.HasFlag(Buttons.Thrust) && !IsDown ? Marks.Burning : Marks.None) | (IsShielded ? Marks.Shielded : Marks.None);

    /// <summary>Takes what is pressed from now on.</summary>
    public void Take(Buttons buttons, uint press) => (Buttons, Press, StepsSincePress) = (buttons & Buttons.All, press, 0);

    /// <summary>Lets time go on.</summary>
    /// <returns>The shots that it has fired.</returns>
    public IReadOnlyList<Shot> Advance(double now)
    {
        _now = Math.Max(_now, now - CatchUpMax);
        List<Shot>? fired = null;
        while (_now + Flight.Step <= now)
        {
            _now += Flight.Step;
            if (IsDown)
            {
                if (_now >= _backAt)
                {
                    Begin(AnyPlace());
                }

                continue;
            }

            Flight = Flight.Next(Buttons);
            StepsSincePress++;
            if (Buttons.HasFlag(Buttons.Fire) && _now >= _loadedAt)
            {
                _loadedAt = _now + Reload;
                (fired ??= []).Add(new Shot(_id, ++_shots, Map.Wrap(Flight.Place + Vector.Towards(Flight.Heading, NoseLength)), Flight.Heading, _now));
            }
        }

        return fired ?? [];
    }

    /// <summary>Tells whether a shot that hits counts, and lets it count.</summary>
    public bool TakeHit()
    {
        if (IsDown || IsShielded)
        {
            return false;
        }

        Health--;
        _backAt = _now + DownTime;
        return true;
    }

    private void Begin(Vector place)
    {
        Flight = new Flight(place, default, _random.NextDouble() * Math.Tau);
        Health = HealthMax;
        _shieldUntil = _now + ShieldTime;
    }

    private Vector AnyPlace() => new(_random.NextDouble() * Map.Width, _random.NextDouble() * Map.Height);
}
