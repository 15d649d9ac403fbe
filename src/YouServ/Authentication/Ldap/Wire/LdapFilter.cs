using System.Formats.Asn1;
using System.Text;

namespace P2P.YouServ.Ldap;

/// <summary>
/// Is a filter (RFC 4515) with <c>{0}</c> in the place of a value. What takes that place is put into the encoded filter as it is, and is never read as part of one: so that nothing in it
/// needs to be escaped, and nothing can be forgotten.
/// </summary>
internal sealed class LdapFilter
{
    private const int LengthMax = 8192;
    private const int DepthMax = 32;
    private const string Placeholder = "{0}";

    private readonly string _text;

    /// <exception cref="FormatException">The text is no filter, or has no place for a value.</exception>
    public LdapFilter(string text)
    {
        _text = text;
        if (text is null || text.Length > LengthMax)
        {
            throw new FormatException($"a filter has at most {LengthMax} characters");
        }

        var parser = new Parser(text, new AsnWriter(AsnEncodingRules.BER), "x"u8);
        parser.Run();
        if (!parser.HasPlaced)
        {
            throw new FormatException($"{Placeholder} is missing");
        }
    }

    /// <summary>Writes the filter as RFC 4511 §4.5.1.7 encodes it.</summary>
    public void Write(AsnWriter writer, ReadOnlySpan<byte> value) => new Parser(_text, writer, value).Run();

    private ref struct Parser(string text, AsnWriter writer, ReadOnlySpan<byte> value)
    {
        private readonly ReadOnlySpan<byte> _value = value;
        private int _at;

        public bool HasPlaced { get; private set; }

        public void Run()
        {
            Filter(depth: 0);
            if (_at != text.Length)
            {
                throw Malformed("something follows its end");
            }
        }

        private void Filter(int depth)
        {
            if (depth > DepthMax)
            {
                throw Malformed($"it is nested more than {DepthMax} deep");
            }

            Expect('(');
            switch (Peek())
            {
                case '&':
                    Set(tag: 0, depth);
                    break;
                case '|':
                    Set(tag: 1, depth);
                    break;
                case '!':
                    _at++;
                    using (writer.PushSequence(Tag(2)))
                    {
                        Filter(depth + 1);
                    }

                    break;
                default:
                    Item();
                    break;
            }

            Expect(')');
        }

        private void Set(int tag, int depth)
        {
            _at++;
            using (writer.PushSequence(Tag(tag)))
            {
                while (Peek() == '(')
                {
                    Filter(depth + 1);
                }
            }
        }

        private void Item()
        {
            var attribute = Take("=~<>:()");
            var (tag, length) = Rest() switch
            {
                ['~', '=', ..] => (8, 2),
                ['>', '=', ..] => (5, 2),
                ['<', '=', ..] => (6, 2),
                [':', ..] => (9, 0),
                ['=', ..] => (3, 1),
                _ => throw Malformed("an attribute and a comparison are expected"),
            };
            if (tag == 9)
            {
                Extensible(attribute);
                return;
            }

            _at += length;
            RequireAttribute(attribute);
            var pieces = Take("()").Split('*');
            if (pieces is ["", ""] && tag == 3)
            {
                writer.WriteOctetString(Encoding.ASCII.GetBytes(attribute), Tag(7));
            }
            else if (pieces.Length == 1)
            {
                using (writer.PushSequence(Tag(tag)))
                {
                    writer.WriteOctetString(Encoding.ASCII.GetBytes(attribute));
                    writer.WriteOctetString(Unescape(pieces[0]));
                }
            }
            else if (tag == 3)
            {
                Substrings(attribute, pieces);
            }
            else
            {
                throw Malformed("* stands only where = compares");
            }
        }

        private void Substrings(string attribute, string[] pieces)
        {
            using (writer.PushSequence(Tag(4)))
            {
                writer.WriteOctetString(Encoding.ASCII.GetBytes(attribute));
                using (writer.PushSequence())
                {
                    for (var i = 0; i < pieces.Length; i++)
                    {
                        var isEdge = i == 0 || i == pieces.Length - 1;
                        if (pieces[i].Length == 0 && !isEdge)
                        {
                            throw Malformed("** means nothing");
                        }

                        if (pieces[i].Length > 0)
                        {
                            writer.WriteOctetString(Unescape(pieces[i]), Tag(i == 0 ? 0 : isEdge ? 2 : 1));
                        }
                    }
                }
            }
        }

        /// <summary>Writes one such as <c>(memberOf:1.2.840.113556.1.4.1941:={0})</c>.</summary>
        private void Extensible(string attribute)
        {
            var parts = Take("=()").Split(':');
            Expect('=');
            var withDn = parts.Length > 2 && parts[1].Equals("dn", StringComparison.OrdinalIgnoreCase);
            string[] rule = parts[(withDn ? 2 : 1)..^1];
            if (parts[^1].Length > 0 || rule.Length > 1 || (rule.Length == 0 && attribute.Length == 0))
            {
                throw Malformed("a rule of comparison is expected between colons");
            }

            using (writer.PushSequence(Tag(9)))
            {
                if (rule.Length == 1)
                {
                    RequireAttribute(rule[0]);
                    writer.WriteOctetString(Encoding.ASCII.GetBytes(rule[0]), Tag(1));
                }

                if (attribute.Length > 0)
                {
                    RequireAttribute(attribute);
                    writer.WriteOctetString(Encoding.ASCII.GetBytes(attribute), Tag(2));
                }

                writer.WriteOctetString(Unescape(Take("()")), Tag(3));
                if (withDn)
                {
                    writer.WriteBoolean(true, Tag(4));
                }
            }
        }

        private byte[] Unescape(string text)
        {
            var bytes = new List<byte>(text.Length);
            for (var i = 0; i < text.Length;)
            {
                if (text[i] == '\\')
                {
                    if (text.Length - i < 3 || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                    {
                        throw Malformed(@"\ stands before two hexadecimal digits");
                    }

                    bytes.AddRange(Convert.FromHexString(text.AsSpan(i + 1, 2)));
                    i += 3;
                }
                else if (text.AsSpan(i).StartsWith(Placeholder, StringComparison.Ordinal))
                {
                    bytes.AddRange(_value);
                    HasPlaced = true;
                    i += Placeholder.Length;
                }
                else
                {
                    var length = char.IsSurrogatePair(text, i) ? 2 : 1;
                    bytes.AddRange(Encoding.UTF8.GetBytes(text, i, length));
                    i += length;
                }
            }

            return [.. bytes];
        }

        private readonly ReadOnlySpan<char> Rest() => text.AsSpan(_at);

        private readonly char Peek() => _at < text.Length ? text[_at] : '\0';

        private string Take(string until)
        {
            var length = Rest().IndexOfAny(until);
            var taken = text.Substring(_at, length < 0 ? text.Length - _at : length);
            _at += taken.Length;
            return taken;
        }

        private void Expect(char c)
        {
            if (Peek() != c)
            {
                throw Malformed($"{c} is expected");
            }

            _at++;
        }

        private readonly void RequireAttribute(string name)
        {
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or ';'))
            {
                throw Malformed($"'{name}' names no attribute");
            }
        }

        private readonly FormatException Malformed(string what) => new($"{what}, at character {_at + 1} of '{text}'");

        private static Asn1Tag Tag(int number) => new(TagClass.ContextSpecific, number);
    }
}
