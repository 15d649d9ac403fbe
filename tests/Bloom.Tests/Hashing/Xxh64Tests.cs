using System.Text;
using P2P.Bloom.Hashing;

namespace Bloom.Tests.Hashing;

/// <summary>Compares with the vectors that the authors of xxHash publish (their sanity check), and some of other implementations.</summary>
public sealed class Xxh64Tests
{
    private const ulong Prime32 = 2654435761;

    [Theory]
    [InlineData(0, 0, 0xEF46DB3751D8E999)]
    [InlineData(0, Prime32, 0xAC75FDA2929B17EF)]
    [InlineData(1, 0, 0xE934A84ADB052768)]
    [InlineData(1, Prime32, 0x5014607643A9B4C3)]
    [InlineData(4, 0, 0x9136A0DCA57457EE)]
    [InlineData(8, Prime32, 0xFE0C047A5353CDAC)]
    [InlineData(9, 0, 0x554B1AE991EDA6B6)]
    [InlineData(12, 0, 0x0723BF50086EAD9A)]
    [InlineData(12, Prime32, 0x8252819F4E506951)]
    [InlineData(14, 0, 0x8282DCC4994E35C8)]
    [InlineData(14, Prime32, 0xC3BD6BF63DEB6DF0)]
    [InlineData(15, 0, 0x180719316D622D84)]
    [InlineData(20, 0, 0x5F8C68355769439E)]
    [InlineData(32, 0, 0x18B216492BB44B70)]
    [InlineData(33, 0, 0x55C8DC3E578F5B59)]
    [InlineData(100, 0, 0x4BFE019CD91D9EA4)]
    [InlineData(222, 0, 0xB641AE8CB691C174)]
    [InlineData(222, Prime32, 0x20CB8AB7AE10C14A)]
    [InlineData(2367, 0, 0xA82418DDEC0EA581)]
    public void Hashes_are_those_of_the_published_vectors(int length, ulong seed, ulong expected) =>
        Assert.Equal(expected, Xxh64.Hash(SanityBuffer(length), seed));

    [Theory]
    [InlineData("a", 0xD24EC4F1A98C6E5B)]
    [InlineData("abc", 0x44BC2CF5AD770999)]
    [InlineData("Hello, world!", 0xF58336A78B6F9476)]
    public void Hashes_of_words_are_the_known_ones(string word, ulong expected) =>
        Assert.Equal(expected, Xxh64.Hash(Encoding.UTF8.GetBytes(word), seed: 0));

    [Fact]
    public void A_number_hashes_as_its_bytes_do() =>
        Assert.All((ulong[])[0, 1, 42, ulong.MaxValue], value => Assert.Equal(Xxh64.Hash(BitConverter.GetBytes(value), 7), Xxh64.Hash(value, 7)));

    // The generator that the sanity check of xxHash defines.
    private static byte[] SanityBuffer(int length)
    {
        var buffer = new byte[length];
        ulong generator = Prime32;
        foreach (ref var value in buffer.AsSpan())
        {
            value = (byte)(generator >> 56);
            generator *= 11400714785074694797;
        }

        return buffer;
    }
}
