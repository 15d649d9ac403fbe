using QuickStart.Sets;

namespace QuickStart.Tests.Sets;

/// <summary>Two sets become one, whatever each lacks.</summary>
public sealed class ReconciliationTests
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 0, 40)]
    [InlineData(100, 0, 0)]
    [InlineData(5000, 300, 250)]
    public async Task Both_have_all_in_the_end(int common, int leftOnly, int rightOnly)
    {
        var random = new Random(common + leftOnly + rightOnly);
        UInt128[] elements = [.. Enumerable.Range(0, common + leftOnly + rightOnly).Select(_ => new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()))];
        HashSet<UInt128> left = [.. elements[..(common + leftOnly)]];
        HashSet<UInt128> right = [.. elements[..common], .. elements[(common + leftOnly)..]];
        var reconciliation = new Reconciliation(Carry, Carry);
        await reconciliation.RunAsync(left, right);
        Assert.Equal(elements.ToHashSet(), left);
        Assert.Equal(left, right);
    }

    [Fact]
    public async Task Where_little_differs_far_less_travels_than_the_lists()
    {
        HashSet<UInt128> left = [.. Enumerable.Range(0, 10_000).Select(number => (UInt128)number)];
        HashSet<UInt128> right = [.. left.Where(element => element % 100 != 0)];
        var reconciliation = new Reconciliation(Carry, Carry);
        await reconciliation.RunAsync(left, right);
        Assert.Equal(left, right);
        Assert.InRange(reconciliation.Bytes, 1, 10_000 * ChunkSet.NameLength / 3);
    }

    private static Task<ReadOnlyMemory<byte>> Carry(byte[] bytes) => Task.FromResult<ReadOnlyMemory<byte>>(bytes);
}
