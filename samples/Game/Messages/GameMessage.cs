using Game.World;
using P2P.Pastry;

namespace Game.Messages;

/// <summary>Is what players say to each other. Who says it is not in it: SCRIBE proves the author of each message.</summary>
internal abstract record GameMessage
{
    /// <summary>How its author flies; in the group of the area where it is. Of these the latest is enough.</summary>
    /// <param name="SaidAt">When, in seconds by the author's clock.</param>
    /// <param name="Flight">How it flies.</param>
    /// <param name="Health">How many more hits it stands; 0 while it is gone.</param>
    /// <param name="Marks">What else can be seen of it.</param>
    public sealed record Flown(double SaidAt, Flight Flight, int Health, Marks Marks) : GameMessage;

    /// <summary>Its author has fired; in the group of the area where the shot begins.</summary>
    public sealed record Fired(uint Number, Vector From, double Heading) : GameMessage;

    /// <summary>Its author was hit; in the group of the area where it is.</summary>
    public sealed record Hit(NodeId By, uint Number, int HealthLeft, Vector Place) : GameMessage;

    /// <summary>Its author was shot down; to all.</summary>
    public sealed record Downed(NodeId By) : GameMessage;

    /// <summary>Who its author is, and how it stands; to all. Of these the latest is enough.</summary>
    public sealed record Stands(Standing Standing) : GameMessage;

    /// <summary>Its author leaves; to all.</summary>
    public sealed record Leaves : GameMessage;

    /// <summary>Its author says something to all.</summary>
    public sealed record Says(string Name, string Text) : GameMessage;
}
