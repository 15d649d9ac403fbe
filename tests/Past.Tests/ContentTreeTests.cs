using System.Security.Cryptography;
using P2P.Past;

namespace Past.Tests;

public sealed class ContentTreeTests
{
    [Theory]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void Roots_are_those_of_certificate_transparency(int leaves, string root)
    {
        string[] inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        var hashes = inputs.Take(leaves).Select(input => MerkleTree.HashLeaf(Convert.FromHexString(input))).ToArray();
        Assert.Equal(root, MerkleTree.RootOf(hashes).ToString());
    }

    [Fact]
    public void Every_way_to_a_root_agrees_with_the_definition()
    {
        var builder = new ContentTreeBuilder();
        var leaves = new List<Hash256>();
        for (var count = 1; count <= 300; count++)
        {
            var leaf = MerkleTree.HashLeaf(BitConverter.GetBytes(count));
            leaves.Add(leaf);
            builder.Add(leaf);
            var root = Define([.. leaves]);
            Assert.Equal(root, builder.Root());
            Assert.Equal(root, MerkleTree.RootOf([.. leaves]));
            Assert.Equal(root, new MerkleTree([.. leaves]).Root);
            Assert.Equal(root, MerkleTree.RootOf([.. leaves.Chunk(64).Select(segment => MerkleTree.RootOf(segment))]));
        }
    }

    [Fact]
    public void Every_path_leads_to_the_root_and_from_no_other_place()
    {
        for (var count = 1; count <= 70; count++)
        {
            var leaves = Enumerable.Range(0, count).Select(leaf => MerkleTree.HashLeaf(BitConverter.GetBytes(leaf))).ToArray();
            var tree = new MerkleTree(leaves);
            for (var index = 0; index < count; index++)
            {
                var path = tree.PathOf(index);
                Assert.Equal(path.Length, MerkleTree.PathLength(index, count));
                Assert.Equal(tree.Root, MerkleTree.RootOfPath(leaves[index], index, count, path));
                for (var other = 0; other < count; other++)
                {
                    Assert.Equal(index == other, MerkleTree.RootOfPath(leaves[other], index, count, path) == tree.Root);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestFiles.Lengths), MemberType = typeof(TestFiles))]
    public async Task One_streaming_pass_gives_the_tree_of_the_bytes(int length)
    {
        var content = TestFiles.Content(length);
        var tree = await ContentTree.ComputeAsync(ContentSource.FromBytes(content));
        var leaves = length == 0 ? [[]] : content.Chunk(ContentLayout.LeafSize).ToArray();
        var hashes = leaves.Select(leaf => Hash256.FromBytes(SHA256.HashData([0, .. leaf]))).ToArray();
        Assert.Equal(hashes, tree.LeafHashes.ToArray());
        Assert.Equal(Define(hashes), tree.Root);
        Assert.Equal(tree.Root, ContentTree.Compute(content).Root);
        Assert.Equal(tree.Root, MerkleTree.RootOf(tree.SegmentRoots.Span));
    }

    [Theory]
    [InlineData(0, 1, 1, 0)]
    [InlineData(1, 1, 1, 1)]
    [InlineData(ContentLayout.LeafSize, 1, 1, ContentLayout.LeafSize)]
    [InlineData(ContentLayout.LeafSize + 1, 2, 1, 1)]
    [InlineData(64L * ContentLayout.LeafSize + 9, 65, 2, 9)]
    [InlineData(ContentLayout.ContentLengthMax, 1 << 22, 1 << 16, ContentLayout.LeafSize)]
    public void Content_is_cut_into_leaves_and_segments(long length, int leaves, int segments, int lastLeaf)
    {
        var layout = new ContentLayout(length);
        Assert.Equal((leaves, segments), (layout.LeafCount, layout.SegmentCount));
        Assert.Equal(lastLeaf, layout.LengthOf(leaves - 1));
        Assert.Equal(leaves, layout.LeavesOf(segments - 1).End);
    }

    [Fact]
    public void Ranges_of_bytes_are_widened_to_whole_leaves()
    {
        var layout = new ContentLayout(3L * ContentLayout.LeafSize + 10);
        Assert.Equal(new LeafRange(0, 1), Cover(0, 1));
        Assert.Equal(new LeafRange(0, 2), Cover(ContentLayout.LeafSize - 1, 2));
        Assert.Equal(new LeafRange(1, 1), Cover(ContentLayout.LeafSize, ContentLayout.LeafSize));
        Assert.Equal(new LeafRange(3, 1), Cover(layout.Length - 1, 1));
        Assert.Equal(layout.AllLeaves, Cover(0, layout.Length));
        Assert.Null(Cover(0, 0));
        Assert.Null(Cover(-1, 2));
        Assert.Null(Cover(layout.Length, 1));
        Assert.Null(Cover(1, layout.Length));
        Assert.Null(Cover(5, -1));
        Assert.Null(Cover(long.MaxValue, long.MaxValue));
        Assert.True(new ContentLayout(0).TryCover(0, 0, out var empty));
        Assert.Equal(new LeafRange(0, 1), empty);

        LeafRange? Cover(long offset, long length) => layout.TryCover(offset, length, out var leaves) ? leaves : null;
    }

    /// <summary>Is RFC 6962 §2.1 word by word.</summary>
    private static Hash256 Define(ReadOnlySpan<Hash256> leaves)
    {
        if (leaves.Length == 1)
        {
            return leaves[0];
        }

        var split = 1;
        while (split * 2 < leaves.Length)
        {
            split *= 2;
        }

        return MerkleTree.HashNode(Define(leaves[..split]), Define(leaves[split..]));
    }
}
