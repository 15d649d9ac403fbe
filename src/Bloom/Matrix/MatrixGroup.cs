namespace P2P.Bloom.Matrix;

/// <summary>
/// Holds the filters of one length. Its list of pages is replaced, never changed, so that readers need no lock.
/// </summary>
internal sealed class MatrixGroup<TOwner>
{
    // Rows are read from their beginning to their end, so wide pages answer fast; but a page that is widened exists twice for a moment.
    private const long PageBytesMax = 256 << 20;
    private const int WidthMax = 1 << 14;
    private const int DoublingMax = 32;

    // An entry has 80 bytes, and its place in a dictionary that doubles from 28 to 56. With small filters that is most of the memory.
    private const int OwnerBytes = 136;

    // Vectors are four words; widths above are multiples of it.
    private const int WidthUnit = 8;

    private readonly int _widthMax;
    private MatrixPage<TOwner>?[] _pages = [];
    private long _pageBytes;

    public MatrixGroup(long bits, int vectors)
    {
        Bits = bits;
        Rows = bits * vectors;
        var width = (int)Math.Clamp(PageBytesMax / (Rows * sizeof(ulong)), 1, WidthMax);
        _widthMax = width > WidthUnit ? width / WidthUnit * WidthUnit : width;
    }

    /// <summary>The length of each vector.</summary>
    public long Bits { get; }

    /// <summary>The rows of each page: those of the first vector, then those of the next.</summary>
    public long Rows { get; }

    public long MemoryBytes => _pageBytes + (long)Count * OwnerBytes;

    public int Count { get; private set; }

    public ReadOnlySpan<MatrixPage<TOwner>?> Pages => Volatile.Read(ref _pages);

    /// <summary>Computes by how many bytes one more owner makes the group grow.</summary>
    public long BytesForAnother()
    {
        var (_, page) = FindRoom();
        var growth = page is null ? MatrixPage<TOwner>.BytesOf(Rows, 1)
            : page.IsFull ? MatrixPage<TOwner>.BytesOf(Rows, WidthAfter(page.Width)) - MatrixPage<TOwner>.BytesOf(Rows, page.Width)
            : 0;
        return OwnerBytes + growth;
    }

    /// <summary>Takes a free column, which no reader sees as an owner's until its entry is published.</summary>
    public MatrixEntry<TOwner> Take(TOwner owner)
    {
        var (index, page) = FindRoom();
        if (page is null || page.IsFull)
        {
            page = page is null ? new MatrixPage<TOwner>(Rows, 1) : page.Widen(WidthAfter(page.Width));
            Replace(index, page);
        }

        Count++;
        return new MatrixEntry<TOwner>(owner, this, index, page.Take());
    }

    public MatrixPage<TOwner> PageOf(MatrixEntry<TOwner> entry) => _pages[entry.Page]!;

    public void Publish(MatrixEntry<TOwner> entry) => Volatile.Write(ref PageOf(entry).Entries[entry.Column], entry);

    /// <summary>Frees an owner's column.</summary>
    public void Release(MatrixEntry<TOwner> entry)
    {
        var page = PageOf(entry);
        Volatile.Write(ref page.Entries[entry.Column], null);
        page.Release(entry.Column);
        Count--;
        if (page.Count == 0)
        {
            Replace(entry.Page, null);
            return;
        }

        for (var row = 0L; row < Rows; row++)
        {
            page.Clear(row, entry.Column);
        }
    }

    /// <summary>Finds a page with a free column, else one that can be widened, else the place for a new one.</summary>
    private (int Index, MatrixPage<TOwner>? Page) FindRoom()
    {
        var (widest, free) = (-1, -1);
        for (var index = 0; index < _pages.Length; index++)
        {
            if (_pages[index] is not { } page)
            {
                free = index;
            }
            else if (!page.IsFull)
            {
                return (index, page);
            }
            else if (page.Width < _widthMax)
            {
                widest = index;
            }
        }

        return widest >= 0 ? (widest, _pages[widest]) : (free >= 0 ? free : _pages.Length, null);
    }

    /// <summary>Doubles narrow pages and lets wide ones grow by a quarter, so that not much room stands empty.</summary>
    private int WidthAfter(int width) =>
        Math.Min(_widthMax, width < DoublingMax ? width * 2 : width + Math.Max(DoublingMax, width / 4 / WidthUnit * WidthUnit));

    private void Replace(int index, MatrixPage<TOwner>? page)
    {
        var pages = _pages;
        var next = new MatrixPage<TOwner>?[Math.Max(pages.Length, index + 1)];
        pages.CopyTo(next.AsSpan());
        next[index] = page;
        _pageBytes = next.Sum(each => each is null ? 0 : MatrixPage<TOwner>.BytesOf(Rows, each.Width));
        Volatile.Write(ref _pages, next);
    }
}
