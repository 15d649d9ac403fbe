using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using P2P.YouSearch.Extraction;
using P2P.YouServ;

namespace P2P.YouSearch.Index;

/// <summary>Carries out changes, one after the other, in one transaction.</summary>
internal sealed class IndexBatch(IndexSession session)
{
    private const string Find = "SELECT id, title, type, words, has_text FROM documents WHERE path = ?1";

    private readonly AreaBook _areas = new(session);
    private readonly PendingWords _words = new(session);
    private readonly DocumentWords _document = new();

    /// <summary>Carries out a change.</summary>
    public void Apply(IndexChange change)
    {
        switch (change)
        {
            case IndexChange.Put put:
                Remove(put.File.Path);
                Put(put);
                break;
            case IndexChange.Moved moved:
                Move(moved);
                break;
            case IndexChange.Removed removed:
                Remove(removed.Path);
                break;
        }
    }

    /// <summary>Writes what has gathered meanwhile.</summary>
    public void Finish()
    {
        _words.Write();
        _areas.Write();
    }

    private void Put(IndexChange.Put put)
    {
        // Extractors may be anybody's: a title is one line.
        var (title, type, text) = (TextCollector.TitleOf(put.Text?.Title), DocumentType.Of(put.File.Path, put.Text), put.Text?.Text ?? "");
        _document.Read(put.File.Path, title, type, text);
        var id = _areas.Enter(put.File.Area, _document.Count);
        session.Prepare("INSERT INTO documents (id, path, stamp, digest, title, type, length, modified, words, has_text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")
            .Bind(1, id).Bind(2, put.File.Path.Value).Bind(3, put.File.Stamp).Bind(4, put.File.Digest).Bind(5, title).Bind(6, type).Bind(7, put.Length)
            .Bind(8, put.ModifiedAt.UtcTicks).Bind(9, _document.Count).Bind(10, put.Text is null ? 0 : 1).Run();
        if (put.Text is not null)
        {
            WriteText(id, text);
        }

        WriteWords(id);
    }

    /// <summary>The text stays; its words are told to FTS5 again only if the name or the area is another.</summary>
    private void Move(IndexChange.Moved moved)
    {
        if (moved.File.Path != moved.From)
        {
            Remove(moved.File.Path);
        }

        if (FindDocument(moved.From) is not { } old)
        {
            return;
        }

        var (id, words) = (old.Id, old.Words);
        if (moved.File.Path != moved.From || _areas.NameOf(old.Id) != moved.File.Area)
        {
            (id, words) = MoveWords(moved, old);
        }

        session.Prepare("UPDATE documents SET id = ?2, path = ?3, stamp = ?4, digest = ?5, type = ?6, modified = ?7, words = ?8 WHERE id = ?1")
            .Bind(1, old.Id).Bind(2, id).Bind(3, moved.File.Path.Value).Bind(4, moved.File.Stamp).Bind(5, moved.File.Digest)
            .Bind(6, old.HasText ? old.Type : DocumentType.Of(moved.File.Path)).Bind(7, moved.ModifiedAt.UtcTicks).Bind(8, words).Run();
    }

    private (long Id, long Words) MoveWords(IndexChange.Moved moved, Document old)
    {
        var text = ReadText(old.Id, out var characters);
        _document.Read(moved.File.Path, old.Title, old.HasText ? old.Type : DocumentType.Of(moved.File.Path), text);
        if (characters is not null)
        {
            ArrayPool<char>.Shared.Return(characters);
        }

        _words.Remove(old.Id);
        session.Prepare("DELETE FROM terms WHERE id = ?1").Bind(1, old.Id).Run();
        var id = old.Id;
        if (_areas.NameOf(old.Id) == moved.File.Area)
        {
            _areas.Change(old.Id, _document.Count - old.Words);
        }
        else
        {
            _areas.Leave(old.Id, old.Words);
            id = _areas.Enter(moved.File.Area, _document.Count);
            session.Prepare("UPDATE texts SET id = ?2 WHERE id = ?1").Bind(1, old.Id).Bind(2, id).Run();
        }

        WriteWords(id);
        return (id, _document.Count);
    }

    private void Remove(SitePath path)
    {
        if (FindDocument(path) is not { } document)
        {
            return;
        }

        _words.Remove(document.Id);
        _areas.Leave(document.Id, document.Words);
        session.Prepare("DELETE FROM documents WHERE id = ?1").Bind(1, document.Id).Run();
        session.Prepare("DELETE FROM texts WHERE id = ?1").Bind(1, document.Id).Run();
        session.Prepare("DELETE FROM terms WHERE id = ?1").Bind(1, document.Id).Run();
    }

    private Document? FindDocument(SitePath path)
    {
        var statement = session.Prepare(Find).Bind(1, path.Value);
        Document? document = statement.Step() ? new(statement.Int64(0), statement.TextOrNull(1), statement.Text(2), statement.Int64(3), statement.Int64(4) != 0) : null;
        statement.Reset();
        return document;
    }

    private void WriteText(long id, string text)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        session.Prepare("INSERT INTO texts (id, text) VALUES (?1, ?2)").Bind(1, id).BindBlob(2, bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, bytes))).Run();
        ArrayPool<byte>.Shared.Return(bytes);
    }

    private ReadOnlySpan<char> ReadText(long id, out char[]? characters)
    {
        characters = null;
        var statement = session.Prepare(HitReader.TextOf).Bind(1, id);
        if (!statement.Step())
        {
            return [];
        }

        var bytes = statement.Blob(0);
        characters = ArrayPool<char>.Shared.Rent(bytes.Length);
        var text = characters.AsSpan(0, Encoding.UTF8.GetChars(bytes, characters));
        statement.Reset();
        return text;
    }

    private void WriteWords(long id)
    {
        session.Prepare("INSERT INTO terms (id, hashes) VALUES (?1, ?2)").Bind(1, id).BindBlob(2, MemoryMarshal.AsBytes(_document.Terms)).Run();
        _words.Add(id, _document);
    }

    private sealed record Document(long Id, string? Title, string Type, long Words, bool HasText);
}
