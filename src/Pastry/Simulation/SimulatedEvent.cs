using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;

namespace P2P.Pastry.Simulation;

/// <summary>Is what happens in a simulation. Millions may be waiting, so that it is small: a timer's numbers stand where a message's do.</summary>
internal readonly record struct SimulatedEvent
{
    public EventKind Kind { get; init; }

    /// <summary>Which bootstrap, of one that was resolved; which kind, of a timer.</summary>
    public byte Index { get; init; }

    /// <summary>The life of the node that this is for.</summary>
    public int Life { get; init; }

    public SimulatedNode? Node { get; init; }

    /// <summary>Who sent a message or is down; what is to be done.</summary>
    public object? Subject { get; init; }

    public Message Message { get; init; }

    /// <summary>The timer that goes off.</summary>
    public TimerKey Timer => new((TimerKind)Index, Message.Application, (ulong)(Message.Key.Value >> 64));

    /// <summary>When the timer goes off, by the node's own clock.</summary>
    public Instant Due => new((long)(ulong)Message.Key.Value);

    /// <summary>How near a node was found to be, or NaN.</summary>
    public float Proximity => BitConverter.UInt32BitsToSingle((uint)Message.Key.Value);

    public static SimulatedEvent OfProximity(SimulatedNode node, NodeHandle measured, float proximity) => new()
    {
        Kind = EventKind.Proximity,
        Life = node.Life,
        Node = node,
        Subject = measured,
        Message = new Message { Key = new NodeId(BitConverter.SingleToUInt32Bits(proximity)) },
    };

    public static SimulatedEvent OfTimer(SimulatedNode node, in TimerRequest timer) => new()
    {
        Kind = EventKind.Timer,
        Index = (byte)timer.Key.Kind,
        Life = node.Life,
        Node = node,
        Message = new Message { Application = timer.Key.Application, Key = new NodeId(new UInt128(timer.Key.Nonce, (ulong)timer.Due.Ticks)) },
    };
}

/// <summary>Names what may happen in a simulation.</summary>
internal enum EventKind : byte
{
    /// <summary>A message arrives.</summary>
    Message,

    /// <summary>A timer goes off.</summary>
    Timer,

    /// <summary>A bootstrap answered, or did not.</summary>
    Bootstrap,

    /// <summary>A node learns how near another is.</summary>
    Proximity,

    /// <summary>A node learns that another is down.</summary>
    PeerDown,

    /// <summary>The world's owner does something: a fault, a measurement.</summary>
    Action,

    /// <summary>Work of a module or a user goes on.</summary>
    Work,
}
