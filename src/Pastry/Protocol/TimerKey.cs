namespace P2P.Pastry.Protocol;

/// <summary>Names the purposes that a node keeps timers for.</summary>
internal enum TimerKind : byte
{
    Hops,
    Probes,
    Held,
    Heartbeat,
    Join,
    LeafSetExchange,
    TableMaintenance,
    TableWatch,
    Reunion,
    Confirmations,
    Application,
}

/// <summary>
/// Names a timer. It is handed back when the timer is due; one that has been overtaken by another has an old nonce and does nothing.
/// </summary>
/// <param name="Kind">What the timer is for.</param>
/// <param name="Application">The application that set it, where one did.</param>
/// <param name="Nonce">Tells the timers of one kind apart.</param>
internal readonly record struct TimerKey(TimerKind Kind, PastryApplicationId Application, ulong Nonce);
