using System.Security.Cryptography;
using System.Text;
using P2P.YouSearch.Protocol;

namespace YouSearch.Tests.Text;

public sealed class WordReaderTests
{
    [Theory]
    [InlineData("Hello, World", "hello|world")]
    [InlineData("Ärger Straße ÄÖÜ", "arger|strasse|aou")]
    [InlineData("A\u0308rger stra\u00ADße", "arger|strasse")]
    [InlineData("ΣΊΣΥΦΟΣ σίσυφος", "σισυφοσ|σισυφοσ")]
    [InlineData("Isparta ısparta İzmir izmir", "isparta|isparta|izmir|izmir")]
    [InlineData("мой МОИ\u0306 мои ещё ЕЩЕ ку\u0306", "мой|мой|мои|еще|еще|кў")]
    [InlineData("漢字かな", "漢|字|か|な")]
    [InlineData("がｶﾞか\u3099x", "か\u3099|カ\u3099|か\u3099|x")]
    [InlineData("abc漢def", "abc|漢|def")]
    [InlineData("한글", "\u1112\u1161\u11AB\u1100\u1173\u11AF")]
    [InlineData("ﬁne ＡＢＣ ① Ⅷ m² x½", "fine|abc|1|viii|m2|x½")]
    [InlineData("don't l’avion foo_bar foo.bar a-b 3.14", "don|t|l|avion|foo|bar|foo|bar|a|b|3|14")]
    [InlineData("हिन्दी भाषा", "हिन्दी|भाषा")]
    [InlineData("שָׁלוֹם مُحَمَّد", "שלום|محمد")]
    [InlineData("cake🎂cake 👩‍👩‍👧 𝒳𝓎 𐐀", "cake|cake|xy|𐐨")]
    [InlineData("𠀋𠀌a", "𠀋|𠀌|a")]
    [InlineData("a\uD83Db \uDC00c\uD800", "a|b|c")]
    [InlineData("a\0b\u0301\u0301 \u0301\u0301", "a|b")]
    [InlineData("", "")]
    public void Words_are_folded(string text, string words) => Assert.Equal(words, string.Join('|', Words.Of(text)));

    [Fact]
    public void Halves_of_characters_separate_words_wherever_they_stand() =>
        Assert.Equal(["a", "b", "c"], Words.Of("a\uD83Db\uDC00c\uD800"));

    [Fact]
    public void A_long_word_is_cut_and_where_it_stands_is_told_whole()
    {
        var text = $" {new string('ß', 40)}x y";
        var reader = new WordReader(text, new char[WordReader.WordLengthMax]);
        Assert.True(reader.Read());
        Assert.Equal((1, 42), (reader.Start, reader.End));
        Assert.Equal(new string('s', 64), reader.Word);
        Assert.True(reader.Read());
        Assert.Equal("y", reader.Word);
        Assert.False(reader.Read());
        Assert.False(reader.Read());
    }

    [Fact]
    public void A_cut_never_halves_a_character()
    {
        var word = Assert.Single(Words.Of($"{new string('a', 63)}𐐀b"));
        Assert.Equal(new string('a', 63), word);
    }

    [Fact]
    public void Words_that_are_folded_are_words_and_stay_as_they_are()
    {
        for (var character = 0; character < 0x110000; character++)
        {
            if (character is < 0xD800 or > 0xDFFF)
            {
                foreach (var word in Words.Of(char.ConvertFromUtf32(character)))
                {
                    Assert.Equal([word], Words.Of(word));
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Words_of_random_text_stay_as_they_are_and_stand_where_they_are_said_to(int seed)
    {
        var text = RandomText.Of(seed, 20_000);
        var reader = new WordReader(text, new char[WordReader.WordLengthMax]);
        var end = 0;
        while (reader.Read())
        {
            Assert.True(reader.Start >= end && reader.End > reader.Start, $"seed {seed}");
            end = reader.End;
            var word = reader.Word.ToString();
            Assert.Equal([word], Words.Of(word));
            Assert.Equal([word], Words.Of(text.AsSpan(reader.Start, reader.End - reader.Start)));
        }
    }

    /// <summary>The digest of what the rule gives for every character, as the script that makes the table prints it.</summary>
    [Fact]
    public void The_table_is_what_its_rule_makes()
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var character = 0; character < 0x110000; character++)
        {
            if (character is < 0xD800 or > 0xDFFF)
            {
                digest.AppendData(Encoding.UTF8.GetBytes($"{Folded(character)}\n"));
            }
        }

        Assert.Equal("aac7742d2578c8ee8f082dde5908729b2c75eddb59c746a3e21fec89e1391cdc", Convert.ToHexStringLower(digest.GetHashAndReset()));
    }

    private static string Folded(int character)
    {
        if (character > 0xFFFF)
        {
            Span<char> folded = new char[8];
            return Folding.TryFold(character, folded, out var length) ? length == 0 ? "1" : folded[..length].ToString() : "0";
        }

        return Folding.Plane[character] switch
        {
            Folding.Separator => "0",
            Folding.Dropped => "1",
            >= Folding.FirstExpansion and < Folding.Surrogate and var expansion => Folding.Expansions[expansion - Folding.FirstExpansion],
            var letter => ((char)letter).ToString(),
        };
    }
}
