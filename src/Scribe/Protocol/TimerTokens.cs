namespace P2P.Scribe.Protocol;

/// <summary>Names the timers of the machine.</summary>
internal static class TimerTokens
{
    public const ulong Beat = 1;
    public const ulong Tree = 2;
    public const ulong Replay = 3;
    public const ulong Roots = 4;
    public const ulong Clients = 5;
    public const ulong Anycast = 6;
    public const ulong Roster = 7;
    public const ulong Flow = 8;
}
