using P2P.Past;

namespace Past.Tests.Storage;

public sealed class ReplicaIndexTests
{
    private static readonly FileId First = FileId.FromBytes(new byte[20]);
    private static readonly FileId Last = FileId.FromBytes(Enumerable.Repeat((byte)255, 20).ToArray());

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_index_is_a_sorted_set(int seed)
    {
        var random = new Random(seed);
        var index = new ReplicaIndex();
        var oracle = new SortedDictionary<FileId, long>();
        for (var step = 0; step < 20_000; step++)
        {
            // First it grows, then it shrinks to nothing.
            var id = RandomId(random);
            if (oracle.ContainsKey(id) || (step > 10_000 && oracle.Count > 0))
            {
                id = oracle.ContainsKey(id) ? id : oracle.Keys.ElementAt(random.Next(Math.Min(oracle.Count, 50)));
                Assert.True(index.Remove(id, out var record));
                Assert.True(oracle.Remove(id, out var expected));
                Assert.Equal(new ReplicaRecord(expected, CountOf(expected)), record);
            }
            else
            {
                var length = random.NextInt64(1L << 41);
                index.Add(id, new ReplicaRecord(length, CountOf(length)));
                oracle.Add(id, length);
            }

            var probe = RandomId(random);
            Assert.Equal(oracle.ContainsKey(probe), index.TryGet(probe, out _));
            Assert.Equal(oracle.Count, index.Count);
            if (step % 500 == 0)
            {
                Compare(index, oracle, random);
            }
        }

        Compare(index, oracle, random);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ids_in_order_of_either_direction_are_kept(bool descending)
    {
        var ids = Enumerable.Range(0, 5000).Select(Id).Order().ToArray();
        var index = new ReplicaIndex();
        foreach (var id in descending ? ids.AsEnumerable().Reverse() : ids)
        {
            index.Add(id, new ReplicaRecord(1, 1));
        }

        var listed = new StoredReplica[6000];
        Assert.Equal(5000, index.Copy(First, inclusive: true, Last, listed));
        Assert.Equal(ids, listed[..5000].Select(replica => replica.FileId));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(5000)]
    public void Many_that_are_added_at_once_in_any_order_are_kept_and_can_be_changed(int count)
    {
        var ids = Enumerable.Range(0, count).Select(Id).ToArray();
        var index = new ReplicaIndex();
        index.AddAll(count, ids.Select((id, place) => (id, new ReplicaRecord(place, 1))));
        Assert.Equal((count, (long)count * (count - 1) / 2), (index.Count, index.TotalLength));
        var oracle = new SortedDictionary<FileId, long>(ids.Select((id, place) => (id, place)).ToDictionary(pair => pair.id, pair => (long)pair.place));
        foreach (var id in Enumerable.Range(count, 300).Select(Id))
        {
            index.Add(id, new ReplicaRecord(7, 1));
            oracle.Add(id, 7);
        }

        foreach (var id in ids.Take(count / 2))
        {
            Assert.True(index.Remove(id, out var record));
            Assert.True(oracle.Remove(id, out var expected));
            Assert.Equal(expected, record.Length);
        }

        var listed = new StoredReplica[count + 400];
        Assert.Equal(oracle.Keys, listed[..index.Copy(First, inclusive: true, Last, listed)].Select(replica => replica.FileId));
    }

    [Fact]
    public void An_id_that_comes_twice_is_refused() =>
        Assert.Throws<ArgumentException>(() => new ReplicaIndex().AddAll(2, [(Id(1), new ReplicaRecord(1, 1)), (Id(1), new ReplicaRecord(2, 2))]));

    [Fact]
    public void An_entry_keeps_all_that_there_is_to_know_of_a_replica()
    {
        var index = new ReplicaIndex();
        ReplicaRecord[] records =
        [
            new(0, 1),
            new(ReplicaRecord.LengthMax, FileCertificate.ReplicaCountMax, IsFile: true, ReplicaRecord.NumberMax),
            new(ReplicaRecord.LengthMax, 1, IsFile: false, 1L << 32),
            new(5, FileCertificate.ReplicaCountMax, IsFile: true, uint.MaxValue),
        ];
        for (var place = 0; place < records.Length; place++)
        {
            index.Add(Id(place), records[place]);
            Assert.True(index.TryGet(Id(place), out var kept));
            Assert.Equal(records[place], kept);
        }

        Assert.Equal(20, System.Runtime.CompilerServices.Unsafe.SizeOf<FileId>());
    }

    private static void Compare(ReplicaIndex index, SortedDictionary<FileId, long> oracle, Random random)
    {
        var page = new StoredReplica[random.Next(1, 700)];
        var listed = new List<FileId>();
        for (var from = First; ; from = listed[^1])
        {
            var count = index.Copy(from, inclusive: listed.Count == 0, Last, page);
            listed.AddRange(page[..count].Select(replica => replica.FileId));
            Assert.All(page[..count], replica => Assert.Equal(CountOf(oracle[replica.FileId]), replica.ReplicaCount));
            if (count < page.Length)
            {
                break;
            }
        }

        Assert.Equal(oracle.Keys, listed);
        Assert.Equal(oracle.Values.Sum(), index.TotalLength);
        var (low, high) = (RandomId(random), RandomId(random));
        var all = new StoredReplica[oracle.Count + 1];
        var between = index.Copy(low, inclusive: false, high, all);
        Assert.Equal(oracle.Keys.Where(id => id > low && id <= high), all[..between].Select(replica => replica.FileId));
    }

    private static int CountOf(long length) => (int)(length % FileCertificate.ReplicaCountMax) + 1;

    private static FileId RandomId(Random random) => Id(random.Next(20_000));

    private static FileId Id(int number)
    {
        var bytes = new byte[20];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(number % 2 == 0 ? 0 : 16), number + 1);
        return FileId.FromBytes(bytes);
    }
}
