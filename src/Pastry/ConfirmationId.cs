namespace P2P.Pastry;

/// <summary>Tells one message that is to be confirmed from others of the same node.</summary>
/// <param name="Value">A number that nobody guesses who has not seen the message.</param>
public readonly record struct ConfirmationId(ulong Value);
