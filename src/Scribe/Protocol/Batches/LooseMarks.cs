using P2P.Pastry;

namespace P2P.Scribe.Protocol;

/// <summary>Remembers the last batch that is not ordered of each author: of more authors than there is room for, not of the one that has been silent for longest.</summary>
internal sealed class LooseMarks(int authorsMax = 1024)
{
    private readonly Dictionary<NodeId, LinkedListNode<(NodeId Author, GroupPosition Last)>> _marks = [];
    private readonly LinkedList<(NodeId Author, GroupPosition Last)> _bySilence = new();

    public int Count => _marks.Count;

    /// <summary>Tells whether a batch, or a later one, of the author has come.</summary>
    public bool HasSeen(NodeId author, GroupPosition position) => _marks.TryGetValue(author, out var mark) && mark.Value.Last >= position;

    public void Add(NodeId author, GroupPosition position)
    {
        if (_marks.TryGetValue(author, out var mark))
        {
            _bySilence.Remove(mark);
            mark.Value = (author, position);
        }
        else
        {
            if (_marks.Count >= authorsMax)
            {
                _marks.Remove(_bySilence.First!.Value.Author);
                _bySilence.RemoveFirst();
            }

            _marks.Add(author, mark = new((author, position)));
        }

        _bySilence.AddLast(mark);
    }
}
