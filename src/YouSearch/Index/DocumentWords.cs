using System.Buffers;
using System.Text;
using P2P.Bloom;
using P2P.YouSearch.Protocol;
using P2P.YouServ;

namespace P2P.YouSearch.Index;

/// <summary>
/// The words of a document as FTS5 takes them: folded, in UTF-8, with blanks between them. Words of three fields that stand apart in a column, such as a title and a name, have a mark between them, so that no
/// phrase reaches across. It is used for one document after the other.
/// </summary>
internal sealed class DocumentWords
{
    /// <summary>What no word begins with. Alone it keeps fields apart; before a type it makes it a word that only <c>type:</c> finds.</summary>
    public const char Mark = '_';

    private readonly HashSet64 _terms = new();
    private byte[] _bytes = new byte[1 << 16];
    private int _length;
    private int _titleEnd;
    private int _bodyEnd;

    /// <summary>The words of the title and the name.</summary>
    public ReadOnlySpan<byte> Title => _bytes.AsSpan(0, _titleEnd);

    /// <summary>The words of the text.</summary>
    public ReadOnlySpan<byte> Body => _bytes.AsSpan(_titleEnd, _bodyEnd - _titleEnd);

    /// <summary>The words of the folders, and the type.</summary>
    public ReadOnlySpan<byte> Meta => _bytes.AsSpan(_bodyEnd, _length - _bodyEnd);

    /// <summary>How many words there are, without the type.</summary>
    public long Count { get; private set; }

    /// <summary>What a summary has to hold of the document, each once.</summary>
    public ReadOnlySpan<ulong> Terms => _terms.Hashes;

    /// <summary>The word by which a type is found.</summary>
    public static string TypeWord(string type) => $"{Mark}{type}";

    /// <summary>Reads a document.</summary>
    public void Read(SitePath path, string? title, string type, ReadOnlySpan<char> text)
    {
        _terms.Clear();
        (_length, Count) = (0, 0);
        if (title is not null)
        {
            Append(title);
            AppendRaw("_ "u8);
        }

        Append(path.Name);
        _titleEnd = _length;
        Append(text);
        _bodyEnd = _length;
        Append(path.Parent.Value);
        if (type.Length > 0)
        {
            AppendRaw(Encoding.UTF8.GetBytes(TypeWord(type)));
            _terms.Add(SummaryTerms.OfType(type));
        }
    }

    private void Append(ReadOnlySpan<char> text)
    {
        var reader = new WordReader(text, stackalloc char[WordReader.WordLengthMax]);
        while (reader.Read())
        {
            Count++;
            var word = reader.Word;
            if (_length + (WordReader.WordLengthMax * 3) >= _bytes.Length)
            {
                Grow();
            }

            var room = _bytes.AsSpan(_length);
            if (Ascii.FromUtf16(word, room, out var length) != OperationStatus.Done)
            {
                length = Encoding.UTF8.GetBytes(word, room);
            }

            room[length] = (byte)' ';
            _length += length + 1;

            // The same hash as that of the text, which is hashed by its UTF-8 form.
            if (_terms.Add(BloomHasher.Default.Hash(room[..length]).Low) && Words.BeginningOf(word) is var beginning and > 0)
            {
                _terms.Add(SummaryTerms.OfBeginning(word[..beginning]));
            }
        }
    }

    private void AppendRaw(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _bytes.Length)
        {
            Grow();
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Grow() => Array.Resize(ref _bytes, _bytes.Length * 2);
}
