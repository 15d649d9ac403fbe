using P2P.Past;
using static Past.Tests.Contract.ReplicaStoreContract;

namespace Past.Tests.Storage.Disk;

/// <summary>Replicas that are rows of the database.</summary>
public sealed class SmallReplicaTests : DiskStoreTest
{
    private readonly byte[] _content = TestFiles.Content(40);
    private readonly FileCertificate _certificate;

    public SmallReplicaTests() => _certificate = TestFiles.Certify(_content);

    [Fact]
    public async Task Every_flipped_byte_is_detected_and_put_aside()
    {
        var length = (int)ReplicaFile.LengthOf(_certificate);
        await using var store = await OpenDiskAsync();
        for (var place = 0; place < length; place++)
        {
            await store.StoreAsync(_certificate, _content);
            Damage(image => image[place] ^= 0x04);
            Assert.Equal(ReplicaCondition.Corrupt, await store.VerifyAsync(_certificate.FileId));
            Assert.False(store.Contains(_certificate.FileId));
        }

        Assert.Equal((0, 0L, 0), (store.Usage.Count, store.Usage.UsedBytes, Sql("SELECT count(*) FROM image")));
        Assert.All(Quarantined(), aside => Assert.Equal(length, new FileInfo(aside).Length));
        await store.StoreAsync(_certificate, _content);
        await AssertHoldsAsync(store, _certificate, _content);
    }

    [Fact]
    public async Task A_damaged_leaf_is_not_given_out()
    {
        await using var store = await OpenDiskAsync();
        await store.StoreAsync(_certificate, _content);
        Damage(image => image[^1] ^= 1);
        await using var open = (await store.OpenReadAsync(_certificate.FileId))!;
        var read = Enumerable.Repeat((byte)1, _content.Length).ToArray();
        Assert.Equal(_certificate.FileId, (await Assert.ThrowsAsync<ReplicaCorruptException>(async () => await open.ReadLeafAsync(0, read))).FileId);
        Assert.All(read, value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(-1000)]
    public async Task A_replica_of_another_length_is_corrupt(int change)
    {
        await using var store = await OpenDiskAsync();
        await store.StoreAsync(_certificate, _content);
        var image = new byte[Math.Max(0, ReplicaFile.LengthOf(_certificate) + change)];
        Sql("UPDATE image SET bytes = $1", image);
        await Assert.ThrowsAsync<ReplicaCorruptException>(async () => await store.OpenReadAsync(_certificate.FileId));
        Assert.Equal(ReplicaCondition.Corrupt, await store.VerifyAsync(_certificate.FileId));
    }

    [Theory]
    [InlineData("UPDATE replica SET count = 9")]
    [InlineData("UPDATE replica SET id = zeroblob(20)")]
    public async Task A_replica_that_the_index_knows_otherwise_is_corrupt(string sql)
    {
        await using (var store = await OpenDiskAsync())
        {
            await store.StoreAsync(_certificate, _content);
        }

        Sql(sql);
        await using var reopened = await OpenDiskAsync();
        var listed = new StoredReplica[1];
        Assert.Equal(1, reopened.List(KeyRange.All, null, listed));
        Assert.Equal(ReplicaCondition.Corrupt, await reopened.VerifyAsync(listed[0].FileId));
        await reopened.StoreAsync(_certificate, _content);
        await AssertHoldsAsync(reopened, _certificate, _content);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_replica_whose_bytes_are_gone_is_missing(bool swept)
    {
        await using var store = await OpenDiskAsync();
        await store.StoreAsync(_certificate, _content);
        Sql("DELETE FROM image");
        if (swept)
        {
            Assert.Equal(1, await store.SweepAsync());
        }
        else
        {
            Assert.Equal(ReplicaCondition.Missing, await store.VerifyAsync(_certificate.FileId));
        }

        Assert.Equal((false, 0L, 0), (store.Contains(_certificate.FileId), store.Usage.UsedBytes, Sql("SELECT count(*) FROM replica")));
        await store.StoreAsync(_certificate, _content);
        await AssertHoldsAsync(store, _certificate, _content);
    }

    [Fact]
    public async Task Bytes_that_belong_to_no_replica_are_removed_by_a_sweep()
    {
        await using var store = await OpenDiskAsync();
        await store.StoreAsync(_certificate, _content);
        Sql("INSERT INTO image (number, bytes) VALUES (77, zeroblob(1000)), (78, zeroblob(0))");
        Assert.Equal(2, await store.SweepAsync());
        Assert.Equal((0, 1), (await store.SweepAsync(), Sql("SELECT count(*) FROM image")));
        await AssertHoldsAsync(store, _certificate, _content);
    }

    [Theory]
    [InlineData("UPDATE replica SET count = 65")]
    [InlineData("UPDATE replica SET count = 0")]
    [InlineData("UPDATE replica SET length = -1")]
    [InlineData("UPDATE replica SET id = zeroblob(19)")]
    [InlineData("UPDATE replica SET number = -1")]
    [InlineData("INSERT INTO replica (id, count, length, is_file) SELECT id, count, length, is_file FROM replica")]
    public async Task An_index_that_says_what_can_not_be_is_damaged_and_can_be_made_anew(string sql)
    {
        await using (var store = await OpenDiskAsync())
        {
            await store.StoreAsync(_certificate, _content);
        }

        Sql(sql);
        var failure = await Assert.ThrowsAsync<PastException>(() => OpenDiskAsync());
        Assert.Contains("Rebuild", failure.Message, StringComparison.Ordinal);
        await using var rebuilt = await OpenDiskAsync(rebuild: true);
        await AssertHoldsAsync(rebuilt, _certificate, _content);
    }

    private void Damage(Action<byte[]> change)
    {
        var image = Image();
        change(image);
        Sql("UPDATE image SET bytes = $1", image);
    }

    private byte[] Image()
    {
        var image = new byte[ReplicaFile.LengthOf(_certificate)];
        ReplicaFile.EncodeSingleLeaf(_certificate).CopyTo(image, 0);
        _content.CopyTo(image, image.Length - _content.Length);
        return image;
    }
}
