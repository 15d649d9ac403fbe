using P2P.Pastry;

namespace P2P.Scribe;

/// <summary>
/// Is a request to any one member of a group, at a member that has said it takes such (<see cref="JoinOptions.TakesAnycasts"/>). Until it is answered, or
/// <see cref="ScribeOptions.AnycastPatience"/> is over, nobody else is asked; then the next member is. One that is lost on its way may come a second time.
/// </summary>
public sealed class AnycastRequest
{
    private readonly Func<bool, ReadOnlyMemory<byte>, ValueTask> _answer;
    private int _isAnswered;

    internal AnycastRequest(NodeId author, ReadOnlyMemory<byte> content, Func<bool, ReadOnlyMemory<byte>, ValueTask> answer)
    {
        Author = author;
        Content = content;
        _answer = answer;
    }

    /// <summary>Who asks: the id that a node with the author's key has.</summary>
    public NodeId Author { get; }

    /// <summary>What it says.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>Accepts. The first answer counts; one that is too late reaches nobody.</summary>
    /// <param name="reply">What the author is told, at most <see cref="ScribeNode.ContentLengthMax"/> bytes.</param>
    /// <exception cref="ArgumentException">The reply is too long.</exception>
    public ValueTask AcceptAsync(ReadOnlyMemory<byte> reply = default)
    {
        if (reply.Length > ScribeNode.ContentLengthMax)
        {
            throw new ArgumentException($"A reply has at most {ScribeNode.ContentLengthMax} bytes, not {reply.Length}; say where more can be fetched.", nameof(reply));
        }

        return AnswerAsync(accepts: true, reply.ToArray());
    }

    /// <summary>Declines, so that the next member is asked at once.</summary>
    public ValueTask DeclineAsync() => AnswerAsync(accepts: false, default);

    private ValueTask AnswerAsync(bool accepts, ReadOnlyMemory<byte> reply) =>
        Interlocked.Exchange(ref _isAnswered, 1) == 0 ? _answer(accepts, reply) : ValueTask.CompletedTask;
}
