using P2P.Past;
using P2P.Pastry;

namespace Past.Tests.Hosting;

public class PastStoreTests
{
    private static readonly SigningKey Owner = SigningKey.Create();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32 * 1024)]
    [InlineData(32 * 1024 + 1)]
    [InlineData(3 * 1024 * 1024 + 17)]
    public async Task What_goes_in_at_one_node_comes_out_at_another(int length)
    {
        await using var ring = await LoopbackRing.StartAsync(5);
        var content = new byte[length];
        new Random(length).NextBytes(content);
        using var limit = new CancellationTokenSource(LoopbackRing.Patience);

        var result = await ring.Members[0].Past.InsertAsync("file", Owner, ContentSource.FromBytes(content), cancellationToken: limit.Token);

        Assert.True(result is InsertResult.Stored, result.ToString());
        var stored = (InsertResult.Stored)result;
        Assert.Equal(3, stored.Receipts.Select(receipt => receipt.Holder).Distinct().Count());
        Assert.Equal(3, ring.HoldersOf(stored.FileId).Count);
        foreach (var member in ring.Members)
        {
            var found = Assert.IsType<LookupResult.Found>(await member.Past.LookupAsync(stored.FileId, limit.Token));
            Assert.Equal(content, await found.File.ReadAllBytesAsync(limit.Token));
        }
    }
}
