namespace P2P.Pastry.Simulation;

/// <summary>Says when an event is due, in which order it was added, and where it lies.</summary>
internal readonly record struct EventEntry(long Due, long Sequence, int Slot)
{
    public bool IsBefore(in EventEntry other) => Due < other.Due || (Due == other.Due && Sequence < other.Sequence);
}
