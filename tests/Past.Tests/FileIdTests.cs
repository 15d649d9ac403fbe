using System.Security.Cryptography;
using System.Text;
using P2P.Past;
using P2P.Pastry;

namespace Past.Tests;

public sealed class FileIdTests
{
    private const string Hex = "00112233445566778899aabbccddeeff01234567";

    [Fact]
    public void An_id_is_sha_1_over_the_name_s_hash_the_owner_and_the_salt()
    {
        byte[] salt = [9, 8, 7];
        byte[] input = [.. SHA256.HashData(Encoding.UTF8.GetBytes("Łódź")), .. TestFiles.Owner.PublicKey.Encoded, .. salt];
        Assert.Equal(FileId.FromBytes(SHA1.HashData(input)), FileId.Compute("Łódź", TestFiles.Owner.PublicKey, salt));
    }

    [Fact]
    public void The_routing_key_is_the_most_significant_128_bits() =>
        Assert.Equal(NodeId.Parse(Hex[..32]), FileId.Parse(Hex).RoutingKey);

    [Fact]
    public void Text_and_bytes_round_trip()
    {
        var random = new Random(7);
        var bytes = new byte[FileId.ByteLength];
        var written = new byte[FileId.ByteLength];
        for (var round = 0; round < 1000; round++)
        {
            random.NextBytes(bytes);
            var id = FileId.FromBytes(bytes);
            id.WriteBytes(written);
            Assert.Equal(bytes, written);
            Assert.Equal(Convert.ToHexStringLower(bytes), id.ToString());
            Assert.Equal(id, FileId.Parse(id.ToString()));
            Assert.Equal(id, FileId.Parse(id.ToString().ToUpperInvariant()));
        }
    }

    [Fact]
    public void Order_is_that_of_the_bytes()
    {
        var random = new Random(8);
        for (var round = 0; round < 1000; round++)
        {
            var (left, right) = (new byte[FileId.ByteLength], new byte[FileId.ByteLength]);
            random.NextBytes(left);
            left.CopyTo(right, 0);
            right[random.Next(FileId.ByteLength)] ^= (byte)random.Next(256);
            Assert.Equal(
                Math.Sign(left.AsSpan().SequenceCompareTo(right)),
                Math.Sign(FileId.FromBytes(left).CompareTo(FileId.FromBytes(right))));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("00112233445566778899aabbccddeeff0123456")]
    [InlineData("00112233445566778899aabbccddeeff012345678")]
    [InlineData("00112233445566778899aabbccddeeff0123456g")]
    public void Other_texts_are_refused(string text)
    {
        Assert.False(FileId.TryParse(text, null, out _));
        Assert.Throws<FormatException>(() => FileId.Parse(text));
    }

    [Fact]
    public void The_short_form_is_eight_digits() => Assert.Equal("00112233", $"{FileId.Parse(Hex):s}");

    [Fact]
    public void A_name_with_half_a_character_is_refused() =>
        Assert.ThrowsAny<ArgumentException>(() => FileId.Compute("\ud800", TestFiles.Owner.PublicKey, []));
}
