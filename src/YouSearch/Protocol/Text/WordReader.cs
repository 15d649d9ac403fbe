using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace P2P.YouSearch.Protocol;

/// <summary>
/// Reads the words of a text, folded: runs of letters, digits and the marks on them; an ideograph or a kana is a word by itself. It allocates nothing. What is no text, such as half of a
/// surrogate pair, separates words.
/// </summary>
/// <param name="text">The text.</param>
/// <param name="buffer">Room for <see cref="WordLengthMax"/> characters; each word overwrites the last.</param>
internal ref struct WordReader(ReadOnlySpan<char> text, Span<char> buffer)
{
    /// <summary>How many characters a word has, folded. Of a longer one these are the word, in documents and in queries.</summary>
    public const int WordLengthMax = 64;

    /// <summary>What is folded to less than this needs no second look.</summary>
    private const int FirstUnusual = 0x3000;

    private const char Breve = '\u0306';
    private const ushort VoicedMark = 0x3099;
    private const ushort SemiVoicedMark = 0x309A;

    private readonly ReadOnlySpan<char> _text = text;
    private readonly Span<char> _buffer = buffer[..WordLengthMax];
    private int _position;
    private int _length;
    private bool _isFull;
    private bool _isAlone;

    /// <summary>The first character of the word in the text.</summary>
    public int Start { get; private set; }

    /// <summary>Where the word ends in the text.</summary>
    public readonly int End => _position;

    /// <summary>The word, folded.</summary>
    public readonly ReadOnlySpan<char> Word => _buffer[.._length];

    /// <summary>Reads the next word.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Read()
    {
        ref var plane = ref MemoryMarshal.GetArrayDataReference(Folding.Plane);
        var text = _text;
        var position = _position;
        while (true)
        {
            // Between words: what cannot begin one is passed over.
            while (position < text.Length && Unsafe.Add(ref plane, text[position]) <= Folding.Dropped)
            {
                position++;
            }

            if (position >= text.Length)
            {
                _position = position;
                return false;
            }

            Start = position;
            var buffer = _buffer;
            var length = 0;
            (_isFull, _isAlone) = (false, false);
            for (; position < text.Length; position++)
            {
                uint folded = Unsafe.Add(ref plane, text[position]);
                if (folded - 2 >= FirstUnusual - 2)
                {
                    if (folded == Folding.Separator)
                    {
                        break;
                    }

                    _length = length;
                    if (!TryAppendUnusual(folded, ref position))
                    {
                        break;
                    }

                    length = _length;
                    if (_isAlone)
                    {
                        position = AppendMarks(position + 1);
                        length = _length;
                        break;
                    }
                }
                else if (length < buffer.Length && !_isFull)
                {
                    buffer[length++] = (char)folded;
                }
                else
                {
                    _isFull = true;
                }
            }

            _length = length;
            _position = position;
            if (length > 0)
            {
                return true;
            }

            // Half of a character, or a symbol of a later plane.
            position++;
        }
    }

    /// <summary>Appends what is not one letter for one.</summary>
    /// <param name="folded">What the table says.</param>
    /// <param name="position">Where it stands; of a character that has two halves, the second in the end.</param>
    /// <returns>False if the word ends before it.</returns>
    private bool TryAppendUnusual(uint folded, ref int position)
    {
        if (folded == Folding.Dropped)
        {
            AppendBreve(_text[position]);
            return true;
        }

        if (folded is >= Folding.FirstExpansion and < Folding.Surrogate)
        {
            return TryAppend(Folding.Expansions[folded - Folding.FirstExpansion]);
        }

        if (folded is >= 0xAC00 and <= 0xD7A3)
        {
            return TryAppendHangul((int)folded - 0xAC00);
        }

        Span<char> characters = stackalloc char[4];
        if (folded != Folding.Surrogate)
        {
            characters[0] = (char)folded;
            return TryAppend(characters[..1]);
        }

        if (position + 1 >= _text.Length || !char.IsSurrogatePair(_text[position], _text[position + 1])
            || !Folding.TryFold(char.ConvertToUtf32(_text[position], _text[position + 1]), characters, out var length))
        {
            return false;
        }

        if (length == 0 ? _length == 0 : !TryAppend(characters[..length]))
        {
            return false;
        }

        position++;
        return true;
    }

    /// <summary>A breve makes another letter of a Cyrillic i and u, and is a mark on all others.</summary>
    private readonly void AppendBreve(char mark)
    {
        if (mark == Breve && _length > 0 && !_isFull)
        {
            ref var last = ref _buffer[_length - 1];
            last = last switch { 'и' => 'й', 'у' => 'ў', _ => last };
        }
    }

    /// <summary>A syllable is its two or three letters, as it is in names of files that come from some systems.</summary>
    private bool TryAppendHangul(int syllable)
    {
        Span<char> letters = [(char)(0x1100 + (syllable / 588)), (char)(0x1161 + (syllable % 588 / 28)), (char)(0x11A7 + (syllable % 28))];
        return TryAppend(letters[..(syllable % 28 == 0 ? 2 : 3)]);
    }

    /// <summary>Appends what tells voiced kana from others, and passes over other marks.</summary>
    private int AppendMarks(int position)
    {
        for (; position < _text.Length; position++)
        {
            var folded = Folding.Plane[_text[position]];
            if (folded is VoicedMark or SemiVoicedMark && _length < _buffer.Length)
            {
                _buffer[_length++] = (char)folded;
            }
            else if (folded is not (Folding.Dropped or VoicedMark or SemiVoicedMark))
            {
                break;
            }
        }

        return position;
    }

    private bool TryAppend(scoped ReadOnlySpan<char> folded)
    {
        if (Folding.IsWordByItself(char.IsHighSurrogate(folded[0]) ? char.ConvertToUtf32(folded[0], folded[1]) : folded[0]))
        {
            if (_length > 0)
            {
                return false;
            }

            _isAlone = true;
        }

        foreach (var character in folded)
        {
            var room = char.IsHighSurrogate(character) ? 2 : 1;
            _isFull |= _length + room > _buffer.Length;
            if (!_isFull)
            {
                _buffer[_length++] = character;
            }
        }

        return true;
    }
}
