using System.Buffers;
using MessagePack;
using P2P.Past;
using P2P.Pastry;

namespace Past.Tests;

public sealed class FileCertificateTests
{
    private static readonly ContentTree Tree = ContentTree.Compute([1, 2, 3]);

    private static readonly FileCertificate Certificate =
        FileCertificate.Create("a name", TestFiles.Owner, Tree, 5, [1, 2, 3, 4], TestFiles.Created.AddTicks(7), [0xaa, 0xbb]);

    [Fact]
    public void A_certificate_says_what_was_certified()
    {
        Assert.True(FileCertificate.TryRead(Certificate.Encoded.AsMemory(), out var read));
        Assert.Equal(Certificate, read);
        Assert.Equal(FileId.Compute("a name", TestFiles.Owner.PublicKey, [1, 2, 3, 4]), read.FileId);
        Assert.Equal((3L, Tree.Root, 5), (read.ContentLength, read.ContentRoot, read.ReplicaCount));
        Assert.Equal([1, 2, 3, 4], read.Salt.ToArray());
        Assert.Equal([0xaa, 0xbb], read.Metadata.ToArray());
        Assert.Equal(TestFiles.Created, read.CreatedAt);
        Assert.Equal(TestFiles.Owner.PublicKey, read.Owner);
        Assert.Equal(Hash256.Compute(Certificate.Encoded.AsSpan()), read.Hash);
        Assert.Equal(Hash256.Compute("a name"u8), read.NameHash);
        Assert.True(read.Names("a name"));
        Assert.False(read.Names("another name"));
        Assert.True(read.Verify());
    }

    [Fact]
    public void The_body_is_approved() =>
        Assert.Equal(
            "98c414bf15d9d0a053a32259d03691a6200af064799dfa03c420054edec1d0211f624fed0cbca9d4f9400b0e491c43742af2c5b0abebf0c990d805c42036e96c62633613d6f8e98943830ed5c5f814c2bb9214d8bba577386096bc926ac40401020304cf000000e8d4a5107bc402aabb",
            Convert.ToHexStringLower(Certificate.Statement.Body.AsSpan()));

    [Fact]
    public void Fields_of_a_later_release_are_skipped_and_count_for_the_signature()
    {
        var nested = Enumerable.Repeat((byte)0x91, 4000).Append((byte)0xc0).ToArray();
        var later = Sign([0x9c, .. Certificate.Statement.Body.AsSpan()[1..], 0xc0, 0x01, 0x82, 0x01, 0x92, 0xc0, 0xc3, 0x02, 0xa1, 0x61, .. nested]);
        Assert.True(FileCertificate.TryRead(later, out var read));
        Assert.Equal(Certificate.FileId, read.FileId);
        Assert.True(read.Verify());
        Assert.Equal(later, read.Encoded.ToArray());
    }

    [Fact]
    public void Every_flipped_bit_is_refused_or_shows_in_the_verification()
    {
        for (var bit = 0; bit < Certificate.Encoded.Length * 8; bit++)
        {
            var bytes = Certificate.Encoded.ToArray();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(FileCertificate.TryRead(bytes, out var read) && read.Verify(), $"bit {bit}");
        }
    }

    [Fact]
    public void Cut_and_lengthened_certificates_are_refused()
    {
        for (var length = 0; length < Certificate.Encoded.Length; length++)
        {
            Assert.False(FileCertificate.TryRead(Certificate.Encoded.AsMemory()[..length], out _));
        }

        Assert.False(FileCertificate.TryRead(Certificate.Encoded.Add(0xc0).AsMemory(), out _));
    }

    [Fact]
    public void Hostile_bytes_never_throw()
    {
        var random = new Random(11);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = Certificate.Encoded.ToArray();
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            Assert.False(FileCertificate.TryRead(bytes, out var read) && read.Verify() && !read.Equals(Certificate));
            _ = FileCertificate.TryRead(bytes.AsMemory(random.Next(bytes.Length)), out _);
            random.NextBytes(bytes);
            Assert.False(FileCertificate.TryRead(bytes, out _));
        }
    }

    [Fact]
    public void Deep_nesting_and_huge_counts_are_refused()
    {
        Assert.False(FileCertificate.TryRead(Enumerable.Repeat((byte)0x91, FileCertificate.EncodedLengthMax).ToArray(), out _));
        Assert.False(FileCertificate.TryRead(Enumerable.Repeat((byte)0x94, FileCertificate.EncodedLengthMax).ToArray(), out _));
        Assert.False(FileCertificate.TryRead(new byte[] { 0xdd, 0xff, 0xff, 0xff, 0xff }, out _));
        Assert.False(FileCertificate.TryRead(new byte[] { 0x93, 0xc6, 0x7f, 0xff, 0xff, 0xff }, out _));
        Assert.False(FileCertificate.TryRead(new byte[] { 0x93, 0xc6, 0xff, 0xff, 0xff, 0xff }, out _));
        Assert.False(FileCertificate.TryRead(new byte[] { 0xdd, 0x00, 0x00, 0x00, 0x03, 0xc6, 0x80, 0x00, 0x00, 0x00 }, out _));
        Assert.False(FileCertificate.TryRead(Sign([0x98, 0xc6, 0xff, 0xff, 0xff, 0xff]), out _));
        Assert.False(FileCertificate.TryRead(Sign([0xdd, 0xff, 0xff, 0xff, 0xff, .. Certificate.Statement.Body.AsSpan()[1..]]), out _));
    }

    [Theory]
    [InlineData(-1, 1, 0, 0)]
    [InlineData(ContentLayout.ContentLengthMax + 1, 1, 0, 0)]
    [InlineData(0, 0, 0, 0)]
    [InlineData(0, FileCertificate.ReplicaCountMax + 1, 0, 0)]
    [InlineData(0, 1, FileCertificate.SaltLengthMax + 1, 0)]
    [InlineData(0, 1, 0, FileCertificate.MetadataLengthMax + 1)]
    public void Values_outside_their_limits_are_refused(long length, int replicas, int salt, int metadata)
    {
        Assert.True(FileCertificate.TryRead(Sign(Body(0, 1, 0, 0, 0)), out _));
        Assert.False(FileCertificate.TryRead(Sign(Body(length, replicas, salt, 0, metadata)), out _));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void Times_outside_the_calendar_are_refused(long time) =>
        Assert.False(FileCertificate.TryRead(Sign(Body(0, 1, 0, time, 0)), out _));

    [Fact]
    public void The_largest_certificate_within_all_limits_can_be_read()
    {
        var salt = new byte[FileCertificate.SaltLengthMax];
        var metadata = new byte[FileCertificate.MetadataLengthMax];
        var largest = FileCertificate.Create("", TestFiles.Owner, Tree, FileCertificate.ReplicaCountMax, salt, DateTimeOffset.MaxValue, metadata);
        Assert.True(FileCertificate.TryRead(largest.Encoded.AsMemory(), out var read));
        Assert.Equal(largest, read);
    }

    [Fact]
    public void An_id_that_is_not_the_signer_s_is_forged()
    {
        // Everything as the owner certified it, signed by somebody else; then by the owner, for an id of somebody else.
        var body = Certificate.Statement.Body;
        var stolen = TestFiles.Steal(Certificate);
        Assert.Equal(Certificate.FileId, stolen.FileId);
        Assert.True(stolen.Statement.Verify(FileCertificate.Purpose));
        Assert.False(stolen.Verify());

        var another = body.ToBuilder();
        var place = 3 + FileId.ByteLength - 1;
        another[place] ^= 1;
        Assert.True(FileCertificate.TryRead(Sign([.. another]), out var misplaced));
        Assert.NotEqual(Certificate.FileId, misplaced.FileId);
        Assert.False(misplaced.Verify());
    }

    [Fact]
    public void Another_salt_gives_another_id_of_the_same_owner_and_name()
    {
        var salted = FileCertificate.Create("a name", TestFiles.Owner, Tree, 5, [5, 6], TestFiles.Created);
        Assert.NotEqual(Certificate.FileId, salted.FileId);
        Assert.Equal(Certificate.NameHash, salted.NameHash);
        Assert.True(salted.Verify());
    }

    [Fact]
    public void A_signature_for_another_purpose_does_not_verify()
    {
        var statement = SignedStatement.Sign(TestFiles.Owner, StoreReceipt.Purpose, Certificate.Statement.Body.AsSpan());
        Assert.True(FileCertificate.TryRead(Encode(statement), out var read));
        Assert.False(read.Verify());
    }

    [Fact]
    public void Creating_outside_the_limits_is_misuse()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => FileCertificate.Create("", TestFiles.Owner, Tree, 0, [], TestFiles.Created));
        Assert.Throws<ArgumentOutOfRangeException>(() => FileCertificate.Create("", TestFiles.Owner, Tree, 1, new byte[65], TestFiles.Created));
        Assert.Throws<ArgumentOutOfRangeException>(() => FileCertificate.Create("", TestFiles.Owner, Tree, 1, [], DateTimeOffset.MinValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => FileCertificate.Create("", TestFiles.Owner, Tree, 1, [], TestFiles.Created, new byte[4097]));
    }

    private static byte[] Sign(ReadOnlySpan<byte> body) => Encode(SignedStatement.Sign(TestFiles.Owner, FileCertificate.Purpose, body));

    private static byte[] Encode(SignedStatement statement)
    {
        var encoded = new ArrayBufferWriter<byte>();
        statement.WriteTo(encoded);
        return encoded.WrittenSpan.ToArray();
    }

    private static byte[] Body(long length, int replicas, int salt, long time, int metadata)
    {
        var encoded = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(encoded);
        writer.WriteArrayHeader(8);
        writer.Write(new byte[20].AsSpan());
        writer.Write(length);
        writer.Write(new byte[32].AsSpan());
        writer.Write(replicas);
        writer.Write(new byte[32].AsSpan());
        writer.Write(new byte[salt].AsSpan());
        writer.Write(time);
        writer.Write(new byte[metadata].AsSpan());
        writer.Flush();
        return encoded.WrittenSpan.ToArray();
    }
}
