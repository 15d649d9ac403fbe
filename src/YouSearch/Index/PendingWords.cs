using System.Buffers;

namespace P2P.YouSearch.Index;

/// <summary>
/// Gathers what FTS5 has to be told, and tells it in the order of numbers: whatever comes out of order makes it write all that it has gathered, as a run of its own.
/// </summary>
internal sealed class PendingWords(IndexSession session)
{
    /// <summary>How many bytes are gathered at most before they are written.</summary>
    private const long BytesMax = 64 << 20;

    private readonly SortedSet<long> _removed = [];
    private readonly SortedDictionary<long, (byte[] Bytes, int Title, int Body, int Meta)> _added = [];
    private long _bytes;

    /// <summary>Notes that a document is gone.</summary>
    public void Remove(long id)
    {
        if (_added.Remove(id, out var row))
        {
            _bytes -= row.Bytes.Length;
            ArrayPool<byte>.Shared.Return(row.Bytes);
        }
        else
        {
            _removed.Add(id);
        }
    }

    /// <summary>Notes the words of a document that is new.</summary>
    public void Add(long id, DocumentWords words)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(words.Title.Length + words.Body.Length + words.Meta.Length);
        words.Title.CopyTo(bytes);
        words.Body.CopyTo(bytes.AsSpan(words.Title.Length));
        words.Meta.CopyTo(bytes.AsSpan(words.Title.Length + words.Body.Length));
        _added.Add(id, (bytes, words.Title.Length, words.Body.Length, words.Meta.Length));
        _bytes += bytes.Length;
        if (_bytes > BytesMax)
        {
            Write();
        }
    }

    /// <summary>Writes what has gathered.</summary>
    public void Write()
    {
        var delete = session.Prepare("DELETE FROM words WHERE rowid = ?1");
        foreach (var id in _removed)
        {
            delete.Bind(1, id).Run();
        }

        var insert = session.Prepare("INSERT INTO words (rowid, title, body, meta) VALUES (?1, ?2, ?3, ?4)");
        foreach (var (id, (bytes, title, body, meta)) in _added)
        {
            insert.Bind(1, id).BindText(2, bytes.AsSpan(0, title)).BindText(3, bytes.AsSpan(title, body)).BindText(4, bytes.AsSpan(title + body, meta)).Run();
            ArrayPool<byte>.Shared.Return(bytes);
        }

        _removed.Clear();
        _added.Clear();
        _bytes = 0;
    }
}
