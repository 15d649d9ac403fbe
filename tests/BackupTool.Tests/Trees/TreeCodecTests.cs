using System.Text;
using BackupTool.Chunks;
using BackupTool.Trees;

namespace BackupTool.Tests.Trees;

public sealed class TreeCodecTests
{
    [Fact]
    public void Entries_come_back_as_they_were_in_the_order_of_their_names()
    {
        var chunk = new ChunkId([.. Enumerable.Range(0, 32).Select(number => (byte)(number * 7))]);
        TreeEntry[] entries =
        [
            new() { Name = "öffnen 文件", Kind = EntryKind.File, Mode = 0x9ed, Length = long.MaxValue, ModifiedNs = -1, ChangedNs = long.MaxValue, Inode = ulong.MaxValue, LinkGroup = "1:2", Chunks = [chunk, chunk] },
            new() { Name = "folder", Kind = EntryKind.Folder, UserId = uint.MaxValue, GroupId = 1, Folder = chunk },
            new() { Name = "link", Kind = EntryKind.Symlink, Target = "../\n?" },
        ];
        var read = TreeCodec.Read(TreeCodec.Write(entries));
        Assert.Equal(["folder", "link", "öffnen 文件"], read.Select(entry => entry.Name));
        foreach (var (one, other) in entries.OrderBy(entry => entry.Name, StringComparer.Ordinal).Zip(read))
        {
            Assert.Equal(one.Chunks, other.Chunks);
            Assert.Equal(one with { Chunks = [] }, other with { Chunks = [] });
        }

        Assert.Equal(TreeCodec.Write(entries), TreeCodec.Write(entries.Reverse()));
        Assert.Empty(TreeCodec.Read(TreeCodec.Write([])));
    }

    [Theory]
    [InlineData("""[{"name":".."}]""")]
    [InlineData("""[{"name":"."}]""")]
    [InlineData("""[{"name":""}]""")]
    [InlineData("""[{"name":"a/b"}]""")]
    [InlineData("""[{"name":"a\u0000"}]""")]
    [InlineData("""[{"name":"a"},{"name":"a"}]""")]
    [InlineData("""[{"name":"a","kind":7}]""")]
    [InlineData("""[{"name":"a","length":-1}]""")]
    [InlineData("""[{"name":"a","chunks":["short"]}]""")]
    [InlineData("""[{"name":"a","folder":"?"}]""")]
    [InlineData("""[{}]""")]
    [InlineData("""[null]""")]
    [InlineData("""{""")]
    [InlineData("")]
    public void What_no_folder_can_contain_is_refused(string chunk) =>
        Assert.Throws<BackupException>(() => TreeCodec.Read(Encoding.UTF8.GetBytes(chunk)));
}
