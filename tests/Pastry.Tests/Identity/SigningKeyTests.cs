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

    [Theory]
    [InlineData("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8", true)]
    [InlineData("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a9", false)]
    [InlineData("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550", false)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000001", true)]
    public void Half_of_the_order_divides_low_from_high(string s, bool isLow) =>
        Assert.Equal(isLow, SigningKey.IsLow(Convert.FromHexString(s)));
}
