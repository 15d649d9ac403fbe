using P2P.Past;

namespace Past.Tests.Quota;

public sealed class InsertPermitTests
{
    private static readonly ContentTree Tree = ContentTree.Compute([1, 2, 3]);
    private static readonly FileCertificate Bare = FileCertificate.Create("a name", TestFiles.Owner, Tree, 5, [1, 2], TestFiles.Created);
    private static readonly InsertPermit Permit = BrokerTalk.Permit(TestFiles.Holder, Bare, serial: 7);

    [Fact]
    public void A_permit_says_what_was_permitted()
    {
        Assert.True(InsertPermit.TryRead(Permit.Encoded.AsMemory(), out var read));
        Assert.Equal(Permit, read);
        Assert.Equal((Bare.FileId, 3L, 5, 7L), (read.FileId, read.ContentLength, read.ReplicaCount, read.Serial));
        Assert.Equal((TestFiles.Created, TestFiles.Created.AddDays(1)), (read.IssuedAt, read.ExpiresAt));
        Assert.Equal(TestFiles.Holder.PublicKey, read.Broker);
        Assert.True(read.IsFor(Bare) && read.Verify());
    }

    [Fact]
    public void The_body_is_approved() =>
        Assert.Equal(
            Convert.ToHexStringLower([0x97, 0xc4, 20, .. Bytes(Bare.FileId), 0xc4, 32, .. Bytes(Hash256.Compute(TestFiles.Owner.PublicKey.Encoded.AsSpan())), 3, 5, 7])
            + "cf000000e8d4a5107b" + "cf000000e8d9cb6c7b",
            Convert.ToHexStringLower(Permit.Statement.Body.AsSpan()));

    [Fact]
    public void A_permit_travels_in_the_certificate()
    {
        var certificate = FileCertificate.Create("a name", TestFiles.Owner, Tree, 5, [1, 2], TestFiles.Created, permit: Permit);
        Assert.True(FileCertificate.TryRead(certificate.Encoded.AsMemory(), out var read));
        Assert.Equal(Permit, read.Permit);
        Assert.True(read.Verify() && read.Permit!.IsFor(read));
        Assert.Null(Bare.Permit);

        // Before the permit stand the same fields, of which there is one more.
        var (with, without) = (certificate.Statement.Body, Bare.Statement.Body);
        Assert.Equal(without[0] + 1, with[0]);
        Assert.Equal(without.AsSpan()[1..].ToArray(), with.AsSpan()[1..without.Length].ToArray());
    }

    [Fact]
    public void A_permit_is_for_one_file_only()
    {
        Assert.False(Permit.IsFor(FileCertificate.Create("another name", TestFiles.Owner, Tree, 5, [1, 2], TestFiles.Created)));
        Assert.False(Permit.IsFor(FileCertificate.Create("a name", TestFiles.Owner, ContentTree.Compute([1, 2, 3, 4]), 5, [1, 2], TestFiles.Created)));
        Assert.False(Permit.IsFor(FileCertificate.Create("a name", TestFiles.Owner, Tree, 6, [1, 2], TestFiles.Created)));
        Assert.False(Permit.IsFor(FileCertificate.Create("a name", TestFiles.Holder, Tree, 5, [1, 2], TestFiles.Created)));
    }

    [Fact]
    public void Every_flipped_bit_is_refused_or_shows_in_the_verification()
    {
        for (var bit = 0; bit < Permit.Encoded.Length * 8; bit++)
        {
            var bytes = Permit.Encoded.ToArray();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(InsertPermit.TryRead(bytes, out var read) && read.Verify(), $"bit {bit}");
        }
    }

    [Fact]
    public void Cut_permits_and_other_bytes_are_refused()
    {
        for (var length = 0; length < Permit.Encoded.Length; length++)
        {
            Assert.False(InsertPermit.TryRead(Permit.Encoded.AsMemory()[..length], out _));
        }

        Assert.False(InsertPermit.TryRead(Bare.Encoded.AsMemory(), out _));
    }

    [Fact]
    public async Task Values_outside_of_their_range_are_refused()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => IssueAsync(length: -1, replicas: 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => IssueAsync(length: ContentLayout.ContentLengthMax + 1, replicas: 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => IssueAsync(length: 1, replicas: 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => IssueAsync(length: 1, replicas: FileCertificate.ReplicaCountMax + 1));
    }

    private static Task<InsertPermit> IssueAsync(long length, int replicas) =>
        InsertPermit.IssueAsync(TestFiles.Holder, Bare.FileId, TestFiles.Owner.PublicKey, length, replicas, 1, TestFiles.Created, TestFiles.Created).AsTask();

    private static byte[] Bytes(FileId id)
    {
        var bytes = new byte[FileId.ByteLength];
        id.WriteBytes(bytes);
        return bytes;
    }

    private static byte[] Bytes(Hash256 hash)
    {
        var bytes = new byte[Hash256.ByteLength];
        hash.WriteBytes(bytes);
        return bytes;
    }
}
