using System.Buffers;
using System.IO.Pipelines;
using P2P.YouServ.Wire;

namespace YouServ.Tests.Replication;

/// <summary>What an owner's peer may say of a folder, and what not.</summary>
public class FolderFormatTests
{
    [Fact]
    public async Task Entries_come_back()
    {
        TreeEntry[] entries =
        [
            new("a", IsFolder: true, 0, 0, ContentDigest.Of("1"u8)),
            new("b ü 🎈", IsFolder: false, 1L << 42, -1, ContentDigest.Of("2"u8)),
            new("c" + new string('x', 250), IsFolder: false, 0, 5, default),
        ];
        Assert.Equal(entries, await ReadAsync(Bytes(entries)));
        Assert.Empty(await ReadAsync([]));
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    public async Task Names_that_lead_elsewhere_are_refused(string name) =>
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(Bytes([new(name, IsFolder: false, 0, 0, default)])));

    [Fact]
    public async Task What_is_out_of_order_twice_negative_or_cut_is_refused()
    {
        var entry = new TreeEntry("b", IsFolder: false, 0, 0, default);
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(Bytes([entry, entry with { Name = "a" }])));
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(Bytes([entry, entry])));
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(Bytes([entry with { Length = -1 }])));
        for (var length = 1; length < Bytes([entry]).Length; length++)
        {
            await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(Bytes([entry])[..length]));
        }
    }

    [Fact]
    public async Task Noise_is_refused_or_read_and_nothing_else()
    {
        var random = new Random(1);
        var (refused, good) = (0, Bytes([new("a", IsFolder: true, 0, 0, default), new("b", IsFolder: false, 7, 8, default)]));
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = (byte[])good.Clone();
            for (var j = random.Next(4); j >= 0; j--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                Assert.All(await ReadAsync(bytes), entry => Assert.DoesNotContain('/', entry.Name));
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1000, 19_999);
    }

    private static byte[] Bytes(IEnumerable<TreeEntry> entries)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var entry in entries)
        {
            FolderFormat.Write(output, entry);
        }

        return output.WrittenSpan.ToArray();
    }

    private static Task<List<TreeEntry>> ReadAsync(byte[] bytes) => FolderFormat.ReadAsync(PipeReader.Create(new ReadOnlySequence<byte>(bytes)), CancellationToken.None);
}
