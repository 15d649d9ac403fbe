namespace Game.Net;

/// <summary>Gives the seconds since the game began here; the players of one process have one clock.</summary>
internal sealed class GameClock(TimeProvider time)
{
    private readonly long _began = time.GetTimestamp();

    public TimeProvider Time => time;

    public double Now => time.GetElapsedTime(_began).TotalSeconds;
}
