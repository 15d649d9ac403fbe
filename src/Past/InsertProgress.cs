namespace P2P.Past;

/// <summary>Tells how far an insert is.</summary>
/// <param name="Receipts">How many verified receipts are in.</param>
/// <param name="Replicas">How many are wanted: k.</param>
public readonly record struct InsertProgress(int Receipts, int Replicas);
