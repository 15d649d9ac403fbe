using System.Collections.Immutable;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>Is something that the machine wants its shell to do.</summary>
internal abstract record BrokerEffect;

/// <summary>Asks the broker of this node for an answer; answered by <see cref="BrokerAnswered"/>, or not at all where too much is asked.</summary>
internal sealed record AnswerRequest(NodeHandle From, BrokerRequest Request) : BrokerEffect;

/// <summary>Asks to check an answer and to hand it to who waits for it.</summary>
internal sealed record BrokerReplied(ulong Operation, ImmutableArray<byte> Statement) : BrokerEffect;

/// <summary>Tells who waits that no answer has come in time.</summary>
internal sealed record BrokerSilent(ulong Operation) : BrokerEffect;

/// <summary>Is an outcome or a command that the shell gives the machine.</summary>
internal abstract record BrokerInput;

internal sealed record AskBroker(BrokerRequest Request) : BrokerInput;

/// <summary>Nobody waits for an answer any more.</summary>
internal sealed record EndQuestion(ulong Operation) : BrokerInput;

internal sealed record BrokerAnswered(NodeHandle To, ulong Operation, ImmutableArray<byte> Statement) : BrokerInput;
