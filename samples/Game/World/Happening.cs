using P2P.Pastry;

namespace Game.World;

/// <summary>Is what a player's scene shows anew: pages draw it, and others measure it.</summary>
internal abstract record Happening
{
    /// <summary>One's own ship has flown on.</summary>
    public sealed record Flew(Flight Flight, int Health, Marks Marks, uint Press, int StepsSincePress) : Happening;

    /// <summary>Another ship was heard of.</summary>
    public sealed record Moved(Other Other) : Happening;

    /// <summary>Another ship was not heard of any more, or has gone.</summary>
    public sealed record OutOfSight(NodeId Id) : Happening;

    /// <summary>Somebody has fired, perhaps oneself.</summary>
    public sealed record Fired(Shot Shot) : Happening;

    /// <summary>A shot has hit; with no health left, its target explodes.</summary>
    public sealed record Hit(NodeId Target, NodeId By, uint Number, int HealthLeft, Vector Place) : Happening;

    /// <summary>Somebody was shot down, anywhere.</summary>
    public sealed record Downed(NodeId Target, NodeId By) : Happening;

    /// <summary>A player has come.</summary>
    public sealed record Arrived(NodeId Id, string Name) : Happening;

    /// <summary>A player has gone.</summary>
    public sealed record Gone(NodeId Id, string Name) : Happening;

    /// <summary>Somebody has said something to all.</summary>
    public sealed record Said(NodeId Id, string Name, string Text) : Happening;
}
