using System.Diagnostics.CodeAnalysis;

namespace P2P.Past.Protocol;

/// <summary>
/// Lets items wait in lines, one for each of those who brought them, and takes them from the lines in turn: who brings much waits behind its
/// own, and nobody else does.
/// </summary>
internal sealed class FairQueue<TLine, TItem>
    where TLine : notnull
{
    private readonly Dictionary<TLine, Queue<TItem>> _lines = [];
    private readonly LinkedList<TLine> _turns = [];

    public int Count { get; private set; }

    public int CountOf(TLine line) => _lines.TryGetValue(line, out var items) ? items.Count : 0;

    public void Enqueue(TLine line, TItem item)
    {
        if (!_lines.TryGetValue(line, out var items))
        {
            _lines.Add(line, items = new Queue<TItem>());
            _turns.AddLast(line);
        }

        items.Enqueue(item);
        Count++;
    }

    public bool TryDequeue([MaybeNullWhen(false)] out TItem item) => TryDequeue(static _ => true, out item);

    /// <summary>Takes the first item of the first line that may move.</summary>
    /// <param name="mayMove">Tells whether a line may move now.</param>
    /// <param name="item">The item.</param>
    public bool TryDequeue(Func<TLine, bool> mayMove, [MaybeNullWhen(false)] out TItem item)
    {
        for (var turn = _turns.First; turn is not null; turn = turn.Next)
        {
            if (mayMove(turn.Value))
            {
                item = Take(turn);
                return true;
            }
        }

        item = default;
        return false;
    }

    /// <summary>Takes an item out of a line, wherever it stands there.</summary>
    /// <returns>False where it is not in that line.</returns>
    public bool Remove(TLine line, TItem item)
    {
        if (!_lines.TryGetValue(line, out var items) || !items.Contains(item))
        {
            return false;
        }

        Count--;
        _lines[line] = new Queue<TItem>(items.Where(other => !EqualityComparer<TItem>.Default.Equals(other, item)));
        if (_lines[line].Count == 0)
        {
            _lines.Remove(line);
            _turns.Remove(line);
        }

        return true;
    }

    private TItem Take(LinkedListNode<TLine> turn)
    {
        var items = _lines[turn.Value];
        var item = items.Dequeue();
        Count--;
        _turns.Remove(turn);
        if (items.Count > 0)
        {
            _turns.AddLast(turn);
        }
        else
        {
            _lines.Remove(turn.Value);
        }

        return item;
    }
}
