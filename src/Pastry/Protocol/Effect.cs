namespace P2P.Pastry.Protocol;

/// <summary>Is something that a machine wants the world to do or to know, apart from messages and timers.</summary>
internal abstract record Effect;

/// <summary>Asks to find the node behind one of the bootstrap addresses; the answer is an input.</summary>
internal sealed record ResolveBootstrap(int Index) : Effect;

/// <summary>Asks how near a node is, without connecting to it; the answer is an input, also where there is none.</summary>
internal sealed record MeasureProximity(NodeHandle Node) : Effect;

/// <summary>Tells that an attempt to join failed, and when the next one starts.</summary>
internal sealed record JoinAttemptFailed(int Attempt, string Reason, Instant NextAttempt) : Effect;

/// <summary>Tells that the node can't join the ring as it is set up, and has given up.</summary>
internal sealed record JoinRefused(string Reason) : Effect;

/// <summary>Tells that none of the remembered nodes answered, and that the node has begun a ring of its own.</summary>
internal sealed record RingFounded(int Absent) : Effect;

/// <summary>Tells that the node may now route and deliver, or may not any more.</summary>
internal sealed record ReadyChanged(bool Ready) : Effect;

/// <summary>Tells that a node came into the leaf set or went from it.</summary>
internal sealed record NeighborUpdate(NodeHandle Node, NeighborChange Change) : Effect;

/// <summary>Tells that a node has been given up after it answered none of the probes.</summary>
internal sealed record PeerDeclaredDead(NodeHandle Node) : Effect;

/// <summary>Hands an effect of an application to the shell of that application.</summary>
internal sealed record ApplicationEffect(PastryApplication Application, object Effect) : Effect;

/// <summary>Tells that a handler of an application let an exception out.</summary>
internal sealed record ApplicationFailed(PastryApplication Application, Exception Exception) : Effect;
