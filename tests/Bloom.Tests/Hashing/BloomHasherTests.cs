using System.Text;
using FsCheck;
using FsCheck.Fluent;
using P2P.Bloom;

namespace Bloom.Tests.Hashing;

public sealed class BloomHasherTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 16).Select(value => (byte)value)];

    public static TheoryData<BloomHasher> Hashers =>
        [BloomHasher.Default, BloomHasher.Seeded(42), BloomHasher.Keyed(Key), BloomHasher.Md5];

    [Theory]
    [MemberData(nameof(Hashers))]
    public void Equal_text_gives_an_equal_hash_in_UTF_16_and_UTF_8(BloomHasher hasher) =>
        Prop.ForAll<string?>(text => hasher.Hash(text) == hasher.Hash(Encoding.UTF8.GetBytes(text ?? ""))).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(170)]
    [InlineData(171)]
    [InlineData(5000)]
    public void Long_texts_hash_as_their_UTF_8_does(int length)
    {
        var text = string.Concat(Enumerable.Range(0, length).Select(index => (char)('a' + index % 20 + (index % 7 == 0 ? 0x3000 : 0))));
        Assert.Equal(BloomHasher.Default.Hash(Encoding.UTF8.GetBytes(text)), BloomHasher.Default.Hash(text));
    }

    [Fact]
    public void Half_a_surrogate_pair_hashes_as_the_replacement_character() =>
        Assert.Equal(BloomHasher.Default.Hash("a\uFFFDb"), BloomHasher.Default.Hash("a\uD800b"));

    [Theory]
    [MemberData(nameof(Hashers))]
    public void A_number_hashes_as_its_bytes_do(BloomHasher hasher)
    {
        Assert.Equal(hasher.Hash(BitConverter.GetBytes(-5L)), hasher.Hash(-5L));
        Assert.Equal(hasher.Hash(-5L), hasher.Hash(unchecked((ulong)-5L)));
        Assert.Equal(hasher.Hash(BitConverter.GetBytes(new UInt128(3, 4))), hasher.Hash(new UInt128(3, 4)));
    }

    [Fact]
    public void MD5_gives_the_digest_itself()
    {
        var digest = Convert.FromHexString("acbd18db4cc2f85cedef654fccc4a4d8");
        Assert.Equal(new BloomHash(BitConverter.ToUInt64(digest), BitConverter.ToUInt64(digest, 8)), BloomHasher.Md5.Hash("foo"));
        Span<long> positions = stackalloc long[4];
        BloomHasher.Md5.Locate(BloomHasher.Md5.Hash("foo"), 1000, positions);
        Assert.Equal([.. Enumerable.Range(0, 4).Select(index => (long)BitConverter.ToUInt32(digest, 4 * index) % 1000)], positions.ToArray());
    }

    [Fact]
    public void MD5_supplies_no_more_than_four_functions() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new BloomFilter(new BloomParameters(1000, 5), BloomHasher.Md5));

    [Fact]
    public void Hashers_are_equal_when_their_hashes_are()
    {
        Assert.Equal(BloomHasher.Seeded(0), BloomHasher.Default);
        Assert.Equal(BloomHasher.Keyed(Key), BloomHasher.Keyed(Key));
        Assert.NotEqual(BloomHasher.Keyed(Key), BloomHasher.Keyed(new byte[16]));
        Assert.NotEqual(BloomHasher.Seeded(1), BloomHasher.Seeded(2));
        Assert.NotEqual(BloomHasher.Md5, BloomHasher.Default);
    }

    [Fact]
    public void A_key_never_leaves_with_a_filter()
    {
        var filter = new BlockedBloomFilter(1, BloomHasher.Keyed(Key));
        filter.Add("secret");
        var bytes = filter.ToBytes();
        Assert.Equal(-1, bytes.AsSpan().IndexOf(Key.AsSpan(0, 8)));
        Assert.Equal(-1, bytes.AsSpan().IndexOf(Key.AsSpan(8, 8)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(17)]
    public void A_key_has_16_bytes(int length) => Assert.Throws<ArgumentException>(() => BloomHasher.Keyed(new byte[length]));

    // A bit of the input changes half of the bits of the hash, whichever it is.
    [Theory]
    [MemberData(nameof(Hashers))]
    public void Each_bit_of_an_element_changes_half_of_the_hash(BloomHasher hasher)
    {
        const int Rounds = 400;
        for (var bit = 0; bit < 64; bit++)
        {
            var changed = 0;
            for (var round = 0UL; round < Rounds; round++)
            {
                var (left, right) = (hasher.Hash(round * 0x9E3779B9), hasher.Hash((round * 0x9E3779B9) ^ (1UL << bit)));
                changed += (int)(ulong.PopCount(left.Low ^ right.Low) + ulong.PopCount(left.High ^ right.High));
            }

            Assert.InRange(changed / (double)Rounds / 128, 0.48, 0.52);
        }
    }
}
