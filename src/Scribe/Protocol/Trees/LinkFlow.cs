using P2P.Pastry;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Knows how much of what was said to a node is still under way. Now and then a mark is put between the batches, which the node answers when it has come to
/// it: what was said before is then taken, or lost. A node that is slow answers late, so that no more is sent to it than the window has room for.
/// </summary>
/// <param name="window">The most bytes that are under way, but for the last batch.</param>
internal sealed class LinkFlow(int window)
{
    private const int MarksPerWindow = 4;

    private ulong _sent;
    private ulong _marked;
    private ulong _answered;

    /// <summary>When the last mark was sent.</summary>
    public Instant MarkedAt { get; private set; }

    public bool HasRoom => _sent - _answered < (ulong)window;

    public bool IsMarkDue => _sent - _marked >= (ulong)window / MarksPerWindow;

    /// <summary>A batch goes.</summary>
    public void Send(int length) => _sent += (ulong)length;

    /// <summary>Gives what to write on a mark that goes now.</summary>
    public ulong Mark(Instant now)
    {
        MarkedAt = now;
        return _marked = _sent;
    }

    /// <returns>False for an answer to no mark, or to an old one.</returns>
    public bool OnAnswer(ulong mark)
    {
        if (mark <= _answered || mark > _marked)
        {
            return false;
        }

        _answered = mark;
        return true;
    }
}
