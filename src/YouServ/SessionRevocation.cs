namespace P2P.YouServ;

/// <summary>Says that a session is no longer valid, whatever tickets were issued for it.</summary>
/// <param name="Number">The place in the order of all revocations, from 1.</param>
/// <param name="SessionId">The session.</param>
public readonly record struct SessionRevocation(long Number, string SessionId);
