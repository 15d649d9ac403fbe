using P2P.YouServ.Protocol;
using P2P.YouServ.Wire;

namespace YouServ.Tests.Replication;

/// <summary>What is to be done in a folder of a copy: whatever both are, doing it makes them the same.</summary>
public class FolderDifferenceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Doing_what_the_difference_says_makes_folders_equal(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 2000; i++)
        {
            var (wanted, present) = (RandomFolder(random), RandomFolder(random));
            var difference = FolderDifference.Between(wanted, present);
            var result = present.ToDictionary(entry => entry.Name);
            foreach (var entry in difference.Surplus)
            {
                Assert.True(result.Remove(entry.Name));
            }

            foreach (var entry in difference.Wanted.Concat(difference.Touched).Concat(difference.Entered))
            {
                result[entry.Name] = entry;
            }

            Assert.Equal(wanted, result.Values.Order(Comparer<TreeEntry>.Create(TreeEntry.Order)));
            Assert.Equal(TreeEntry.DigestOf(wanted), TreeEntry.DigestOf(result.Values.Order(Comparer<TreeEntry>.Create(TreeEntry.Order))));
            Assert.All(difference.Wanted.Concat(difference.Touched).Concat(difference.Entered), entry => Assert.DoesNotContain(entry, present));
        }
    }

    [Fact]
    public void Equal_folders_have_nothing_to_do()
    {
        var folder = RandomFolder(new Random(4));
        var difference = FolderDifference.Between(folder, folder);
        Assert.Empty(difference.Wanted.Concat(difference.Touched).Concat(difference.Entered).Concat(difference.Surplus));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Runs_cover_the_blocks_that_differ_and_no_others(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 2000; i++)
        {
            var (wanted, present) = (RandomDigests(random), RandomDigests(random));
            var runMax = random.Next(1, 6);
            var runs = Blocks.Missing(wanted, present, runMax).ToList();
            Assert.All(runs, run => Assert.InRange(run.Count, 1, runMax));
            Assert.Equal(
                Enumerable.Range(0, wanted.Length).Where(block => block >= present.Length || wanted[block] != present[block]),
                runs.SelectMany(run => Enumerable.Range(run.First, run.Count)));
        }
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 1, 1)]
    [InlineData(Blocks.Length, 1, Blocks.Length)]
    [InlineData(Blocks.Length + 1, 2, 1)]
    public void A_file_s_last_block_has_what_is_left(long length, int count, int last)
    {
        Assert.Equal(count, Blocks.Count(length));
        Assert.Equal(last, count == 0 ? 0 : Blocks.LengthOf(count - 1, length));
    }

    [Fact]
    public void A_digest_comes_back_from_its_text()
    {
        var digest = ContentDigest.Of("abc"u8);
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", digest.ToString());
        Assert.True(ContentDigest.TryParse(digest.ToString(), out var read));
        Assert.Equal(digest, read);
        Assert.False(ContentDigest.TryParse("zz" + digest.ToString()[2..], out _));
        Assert.False(ContentDigest.TryParse(digest.ToString()[1..], out _));
        Assert.False(ContentDigest.TryParse(null, out _));
    }

    private static ContentDigest[] RandomDigests(Random random) => [.. Enumerable.Range(0, random.Next(20)).Select(_ => new ContentDigest((ulong)random.Next(2), 0, 0, 0))];

    private static List<TreeEntry> RandomFolder(Random random) =>
        [.. Enumerable.Range(0, 8).Where(_ => random.Next(2) == 0).Select(name =>
        {
            var isFolder = random.Next(4) == 0;
            return new TreeEntry($"{name}", isFolder, isFolder ? 0 : random.Next(2), isFolder ? 0 : random.Next(2), new((ulong)random.Next(2), 0, 0, 0));
        })];
}
