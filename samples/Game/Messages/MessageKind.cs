namespace Game.Messages;

/// <summary>Is the first byte of a message. Numbers are never used again for something else.</summary>
internal enum MessageKind : byte
{
    Flown = 1,
    Fired = 2,
    Hit = 3,
    Downed = 4,
    Stands = 5,
    Leaves = 6,
    Says = 7,
}
