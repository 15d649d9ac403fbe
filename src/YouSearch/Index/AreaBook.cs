namespace P2P.YouSearch.Index;

/// <summary>Gives areas their numbers and documents theirs, and counts what is in each area. An area that has become empty gives its number back.</summary>
internal sealed class AreaBook
{
    /// <summary>How many areas there can be: their numbers and those of documents share 63 bits.</summary>
    private const long AreasMax = 1L << (63 - AreaRanges.DocumentBits);

    private readonly IndexSession _session;
    private readonly Dictionary<string, Area> _byName = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, Area> _byNumber = [];
    private readonly HashSet<Area> _changed = [];
    private long _lastTaken = -1;

    public AreaBook(IndexSession session)
    {
        _session = session;
        var statement = session.Prepare("SELECT number, name, documents, words FROM areas");
        while (statement.Step())
        {
            Add(new Area(statement.Int64(0), statement.Text(1)) { Documents = statement.Int64(2), Words = statement.Int64(3) });
        }
    }

    /// <summary>Names the area of a document.</summary>
    public string NameOf(long document) => _byNumber[AreaRanges.AreaOf(document)].Name;

    /// <summary>Takes a document into an area.</summary>
    /// <returns>The document's number.</returns>
    public long Enter(string name, long words)
    {
        if (!_byName.TryGetValue(name, out var area))
        {
            Add(area = new Area(FreeNumber(), name));
        }

        if (area.NextDocument < 0)
        {
            var last = _session.Prepare("SELECT max(id) FROM documents WHERE id BETWEEN ?1 AND ?2").Bind(1, AreaRanges.FirstOf(area.Number)).Bind(2, AreaRanges.LastOf(area.Number)).Scalar();
            area.NextDocument = Math.Max(last + 1, AreaRanges.FirstOf(area.Number));
        }

        _changed.Add(area);
        area.Documents++;
        area.Words += words;
        return area.NextDocument <= AreaRanges.LastOf(area.Number)
            ? area.NextDocument++
            : throw new YouSearchException($"The area '{name}' of the index has had all the documents that it may have. Delete the index; it is made anew.");
    }

    /// <summary>Lets a document out of its area.</summary>
    public void Leave(long document, long words)
    {
        Change(document, -words);
        _byNumber[AreaRanges.AreaOf(document)].Documents--;
    }

    /// <summary>Counts words that a document has more, or less.</summary>
    public void Change(long document, long words)
    {
        var area = _byNumber[AreaRanges.AreaOf(document)];
        area.Words += words;
        _changed.Add(area);
    }

    /// <summary>Writes what has changed.</summary>
    public void Write()
    {
        foreach (var area in _changed.OrderBy(area => area.Number))
        {
            if (area.Documents == 0)
            {
                _session.Prepare("DELETE FROM areas WHERE number = ?1").Bind(1, area.Number).Run();
            }
            else
            {
                _session.Prepare("INSERT OR REPLACE INTO areas (number, name, documents, words) VALUES (?1, ?2, ?3, ?4)")
                    .Bind(1, area.Number).Bind(2, area.Name).Bind(3, area.Documents).Bind(4, area.Words).Run();
            }
        }
    }

    private void Add(Area area)
    {
        _byName.Add(area.Name, area);
        _byNumber.Add(area.Number, area);
    }

    private long FreeNumber()
    {
        do
        {
            _lastTaken++;
        }
        while (_byNumber.ContainsKey(_lastTaken));

        return _lastTaken < AreasMax ? _lastTaken : throw new YouSearchException("The index has as many areas as it may have. Give fewer documents rules of their own.");
    }

    private sealed class Area(long number, string name)
    {
        public long Number => number;

        public string Name => name;

        public long Documents { get; set; }

        public long Words { get; set; }

        /// <summary>The number of the next document; below 0 until it has been looked up.</summary>
        public long NextDocument { get; set; } = -1;
    }
}
