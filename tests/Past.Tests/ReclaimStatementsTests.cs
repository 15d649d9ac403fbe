using System.Buffers;
using P2P.Past;
using P2P.Pastry;

namespace Past.Tests;

public sealed class ReclaimStatementsTests
{
    private static readonly FileCertificate File = TestFiles.Certify([1, 2, 3]);
    private static readonly ReclaimCertificate Certificate = TestFiles.TakeBack(File);
    private static readonly ReclaimReceipt Receipt = TestFiles.GiveUp(Certificate, 3);

    [Fact]
    public void Statements_say_who_gave_up_what_when()
    {
        Assert.True(ReclaimCertificate.TryRead(Certificate.Encoded.AsMemory(), out var certificate));
        Assert.Equal(Certificate, certificate);
        Assert.Equal((File.FileId, TestFiles.Owner.PublicKey, TestFiles.Created), (certificate.FileId, certificate.Owner, certificate.CreatedAt));
        Assert.True(certificate.Verify());

        Assert.True(ReclaimReceipt.TryRead(Receipt.Encoded.AsMemory(), out var receipt));
        Assert.Equal(Receipt, receipt);
        Assert.Equal((File.FileId, 3L, TestFiles.Created, TestFiles.Holder.PublicKey.NodeId), (receipt.FileId, receipt.FreedBytes, receipt.ReclaimedAt, receipt.Holder));
        Assert.True(receipt.IsFor(Certificate) && receipt.Verify());
        Assert.False(receipt.IsFor(TestFiles.TakeBack(TestFiles.Certify([4], "another file"))));
    }

    [Fact]
    public void Node_that_never_held_the_file_says_so()
    {
        Assert.True(ReclaimReceipt.TryRead(TestFiles.GiveUp(Certificate, null).Encoded.AsMemory(), out var receipt));
        Assert.Null(receipt.FreedBytes);
        Assert.True(receipt.IsFor(Certificate) && receipt.Verify());
    }

    [Fact]
    public void Signature_of_a_stranger_takes_nothing_back()
    {
        var encoded = new ArrayBufferWriter<byte>();
        SignedStatement.Sign(TestFiles.Holder, ReclaimCertificate.Purpose, Certificate.Statement.Body.AsSpan()).WriteTo(encoded);
        Assert.True(ReclaimCertificate.TryRead(encoded.WrittenMemory, out var stolen));
        Assert.Equal(File.FileId, stolen.FileId);
        Assert.False(stolen.Verify());
    }

    [Fact]
    public void Every_flipped_bit_is_refused_or_shows_in_the_verification()
    {
        Flip(Certificate.Encoded.AsSpan(), bytes => ReclaimCertificate.TryRead(bytes, out var read) && read.Verify());
        Flip(Receipt.Encoded.AsSpan(), bytes => ReclaimReceipt.TryRead(bytes, out var read) && read.Verify());
    }

    [Fact]
    public void Cut_statements_and_other_bytes_are_refused()
    {
        for (var length = 0; length < Certificate.Encoded.Length; length++)
        {
            Assert.False(ReclaimCertificate.TryRead(Certificate.Encoded.AsMemory()[..length], out _));
            Assert.False(ReclaimReceipt.TryRead(Receipt.Encoded.AsMemory()[..Math.Min(length, Receipt.Encoded.Length - 1)], out _));
        }

        Assert.False(ReclaimCertificate.TryRead(File.Encoded.AsMemory(), out _));
        Assert.False(ReclaimCertificate.TryRead(Receipt.Encoded.AsMemory(), out _));
        Assert.False(ReclaimReceipt.TryRead(Certificate.Encoded.AsMemory(), out _));
    }

    private static void Flip(ReadOnlySpan<byte> encoded, Func<ReadOnlyMemory<byte>, bool> isGood)
    {
        for (var bit = 0; bit < encoded.Length * 8; bit++)
        {
            var bytes = encoded.ToArray();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(isGood(bytes), $"bit {bit}");
        }
    }
}
