using P2P.Past;

namespace Past.Tests;

public sealed class StoreReceiptTests
{
    private static readonly FileCertificate Certificate = TestFiles.Certify([1, 2, 3]);
    private static readonly StoreReceipt Receipt = StoreReceipt.Create(Certificate, TestFiles.Holder, TestFiles.Created);

    [Fact]
    public void A_receipt_says_who_stored_what_when()
    {
        Assert.True(StoreReceipt.TryRead(Receipt.Encoded.AsMemory(), out var read));
        Assert.Equal(Receipt, read);
        Assert.Equal((Certificate.FileId, Certificate.Hash, TestFiles.Created), (read.FileId, read.CertificateHash, read.StoredAt));
        Assert.Equal(TestFiles.Holder.PublicKey.NodeId, read.Holder);
        Assert.True(read.IsFor(Certificate));
        Assert.False(read.IsFor(TestFiles.Certify([4])));
        Assert.True(read.Verify());
    }

    [Fact]
    public void The_body_has_three_fields_in_order()
    {
        var id = new byte[FileId.ByteLength];
        var hash = new byte[Hash256.ByteLength];
        Certificate.FileId.WriteBytes(id);
        Certificate.Hash.WriteBytes(hash);
        byte[] time = [0xcf, 0x00, 0x00, 0x00, 0xe8, 0xd4, 0xa5, 0x10, 0x7b];
        Assert.Equal([0x93, 0xc4, 20, .. id, 0xc4, 32, .. hash, .. time], Receipt.Statement.Body.ToArray());
    }

    [Fact]
    public void Every_flipped_bit_is_refused_or_shows_in_the_verification()
    {
        for (var bit = 0; bit < Receipt.Encoded.Length * 8; bit++)
        {
            var bytes = Receipt.Encoded.ToArray();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(StoreReceipt.TryRead(bytes, out var read) && read.Verify(), $"bit {bit}");
        }
    }

    [Fact]
    public void Cut_receipts_and_other_bytes_are_refused()
    {
        for (var length = 0; length < Receipt.Encoded.Length; length++)
        {
            Assert.False(StoreReceipt.TryRead(Receipt.Encoded.AsMemory()[..length], out _));
        }

        Assert.False(StoreReceipt.TryRead(Certificate.Encoded.AsMemory(), out _));
        Assert.False(FileCertificate.TryRead(Receipt.Encoded.AsMemory(), out _));
    }
}
