using P2P.Bloom;
using P2P.Bloom.Hashing;

namespace Bloom.Tests.Hashing;

/// <summary>Compares with the vectors of the reference implementation: key 00 01 … 0f, messages 00 01 … of growing length.</summary>
public sealed class SipHash128Tests
{
    [Theory]
    [InlineData(0, "a3817f04ba25a8e66df67214c7550293")]
    [InlineData(1, "da87c1d86b99af44347659119b22fc45")]
    [InlineData(2, "8177228da4a45dc7fca38bdef60affe4")]
    [InlineData(3, "9c70b60c5267a94e5f33b6b02985ed51")]
    [InlineData(4, "f88164c12d9c8faf7d0f6e7c7bcd5579")]
    [InlineData(5, "1368875980776f8854527a07690e9627")]
    [InlineData(6, "14eeca338b208613485ea0308fd7a15e")]
    [InlineData(7, "a1f1ebbed8dbc153c0b84aa61ff08239")]
    [InlineData(8, "3b62a9ba6258f5610f83e264f31497b4")]
    [InlineData(15, "5493e99933b0a8117e08ec0f97cfc3d9")]
    public void Hashes_are_those_of_the_published_vectors(int length, string expected)
    {
        byte[] key = [.. Enumerable.Range(0, 16).Select(value => (byte)value)];
        byte[] message = [.. Enumerable.Range(0, length).Select(value => (byte)value)];
        var hash = BloomHasher.Keyed(key).Hash(message);
        Assert.Equal(expected, Convert.ToHexStringLower([.. BitConverter.GetBytes(hash.Low), .. BitConverter.GetBytes(hash.High)]));
        Assert.Equal(hash, new SipHash128(0x0706050403020100, 0x0F0E0D0C0B0A0908).Hash(message));
    }
}
