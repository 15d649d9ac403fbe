using P2P.Pastry;
using P2P.Scribe;
using P2P.Scribe.Wire;
using Scribe.Tests.Simulation;

namespace Scribe.Tests.Hosting;

/// <summary>What one node of a process has verified, the others believe; of anything else, nothing.</summary>
public sealed class KnownBatchesTests
{
    private static readonly SigningKey Author = SigningKey.Create();
    private static readonly GroupId Group = GroupId.Compute("group", Author.PublicKey);

    [Fact]
    public void Exactly_the_bytes_that_were_verified_are_known()
    {
        var known = WithNodes(2);
        var batch = Sign(1);
        known.Add(batch);
        Assert.True(known.Knows(Copy(batch.Bytes.ToArray())));
        Assert.False(known.Knows(Sign(1)));
        for (var i = 0; i < batch.Bytes.Length; i++)
        {
            var bytes = batch.Bytes.ToArray();
            bytes[i] ^= 1;
            Assert.False(SignedBatch.TryRead(bytes, out var altered) && known.Knows(altered), $"byte {i}");
        }
    }

    [Fact]
    public void A_node_that_is_alone_in_its_process_remembers_nothing()
    {
        var known = WithNodes(1);
        known.Add(Sign(1));
        Assert.False(known.Knows(Sign(1)));
        known = WithNodes(2);
        var batch = Sign(2);
        known.Add(batch);
        known.Leave();
        Assert.False(known.Knows(batch));
    }

    [Fact]
    public void The_latest_some_thousands_are_remembered()
    {
        var known = WithNodes(2);
        var batch = Sign(1);
        byte[] bytes = batch.Bytes.ToArray();
        known.Add(batch);
        for (var i = 0; i < 8192; i++)
        {
            // What was signed is not looked at here: the bytes are enough.
            BitConverter.TryWriteBytes(bytes.AsSpan(batch.LastContentIndex - 3), i);
            known.Add(Copy([.. bytes]));
            Assert.True(i > 4096 || known.Knows(batch));
        }

        Assert.False(known.Knows(batch));
        Assert.True(known.Knows(Copy(bytes)));
    }

    private static KnownBatches WithNodes(int count)
    {
        var known = new KnownBatches();
        for (var i = 0; i < count; i++)
        {
            known.Enter();
        }

        return known;
    }

    private static SignedBatch Sign(ulong number) => ScribeWorld.Sign(Group, Author, number, new BatchItem(DeliveryClass.Ordered, 0, "content"u8.ToArray()));

    private static SignedBatch Copy(byte[] bytes)
    {
        Assert.True(SignedBatch.TryRead(bytes, out var batch));
        return batch;
    }
}
