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

    private static int CountOf(long length) => (int)(length % FileCertificate.MaxReplicaCount) + 1;

    private static FileId RandomId(Random random) => Id(random.Next(20_000));

    private static FileId Id(int number)
    {
        var bytes = new byte[20];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(number % 2 == 0 ? 0 : 16), number + 1);
        return FileId.FromBytes(bytes);
    }
}
