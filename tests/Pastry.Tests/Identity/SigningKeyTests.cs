using System.Globalization;
using System.Numerics;
using P2P.Pastry;

namespace Pastry.Tests.Identity;

public sealed class SigningKeyTests
{
    private static readonly BigInteger Order =
        BigInteger.Parse("0ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [Fact]
    public void Signatures_have_a_low_s_and_their_twins_verify_nothing()
    {
        using var key = SigningKey.Create();
        for (byte round = 0; round < 64; round++)
        {
            byte[] data = [round];
            var signature = key.Sign(data);
            var s = new BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true);
            Assert.True(s <= Order / 2);
            Assert.True(key.PublicKey.Verify(data, signature));

            var twin = (Order - s).ToByteArray(isUnsigned: true, isBigEndian: true);
            signature.AsSpan(32).Clear();
            twin.CopyTo(signature, SigningKey.SignatureLength - twin.Length);
            using var framework = key.ToECDsa();
            Assert.True(framework.VerifyData(data, signature, System.Security.Cryptography.HashAlgorithmName.SHA256));
            Assert.False(key.PublicKey.Verify(data, signature));
        }
    }

    [Fact]
    public void A_secret_always_gives_the_same_key()
    {
        // Computed with another implementation: HKDF-SHA256 to 48 bytes, modulo n - 1, plus 1.
        byte[] secret = [.. Enumerable.Range(0, 32).Select(number => (byte)number)];
        using var key = SigningKey.Derive(secret);
        using var again = SigningKey.Derive(secret);
        using var framework = key.ToECDsa();
        Assert.Equal("ed18d90d8441bd56bdb51dd78d8b6533c43a892fc78ce042a3d8947b1b75287c", Convert.ToHexStringLower(framework.ExportParameters(includePrivateParameters: true).D!));
        Assert.Equal(key.PublicKey, again.PublicKey);
        Assert.True(again.PublicKey.Verify([1], key.Sign([1])));

        secret[^1]++;
        using var other = SigningKey.Derive(secret);
        Assert.NotEqual(key.PublicKey, other.PublicKey);
    }

    [Fact]
    public void A_short_secret_is_refused() =>
        Assert.Contains("15 bytes", Assert.Throws<ArgumentException>(() => SigningKey.Derive(new byte[15])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8", true)]
    [InlineData("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a9", false)]
    [InlineData("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550", false)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000001", true)]
    public void Half_of_the_order_divides_low_from_high(string s, bool isLow) =>
        Assert.Equal(isLow, SigningKey.IsLow(Convert.FromHexString(s)));
}
