using P2P.Pastry;

namespace Pastry.Tests.Hosting;

public sealed class FilePeerMemoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("p2p-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "peers");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_was_remembered_last_is_recalled()
    {
        var memory = new FilePeerMemory(Path);
        Assert.Empty(await memory.RecallAsync());
        await memory.RememberAsync([Nodes.At(1)]);
        NodeHandle[] peers = [new(new NodeId(2), 3, [new NodeAddress("::1", 4), new NodeAddress("node.example", 5)], 6), Nodes.At(7)];
        await memory.RememberAsync(peers);

        var recalled = await new FilePeerMemory(Path).RecallAsync();

        Assert.Equal(peers, recalled);
        Assert.Equal(peers[0].Addresses.AsEnumerable(), recalled[0].Addresses);
        Assert.Equal(6UL, recalled[0].FailureDomain);
        Assert.Equal([Path], Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task Only_the_owner_may_read_it()
    {
        await new FilePeerMemory(Path).RememberAsync([Nodes.At(1)]);

        // Elsewhere, rights are inherited.
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        }
    }

    [Fact]
    public async Task A_damaged_file_is_told_and_can_be_replaced()
    {
        var memory = new FilePeerMemory(Path);
        await memory.RememberAsync([Nodes.At(1), Nodes.At(2)]);
        var whole = await File.ReadAllBytesAsync(Path);
        byte[][] damaged =
        [
            .. Enumerable.Range(0, whole.Length).Select(length => whole[..length]),
            [.. whole, 0],
            [0x92, 2, 0x90],
            new byte[1_000_000],
            [0x92, 1, 0xdd, 0xff, 0xff, 0xff, 0xff],
        ];
        foreach (var bytes in damaged)
        {
            await File.WriteAllBytesAsync(Path, bytes);
            var failure = await Assert.ThrowsAsync<PastryException>(() => memory.RecallAsync().AsTask());
            Assert.Contains(Path, failure.Message, StringComparison.Ordinal);
        }

        await memory.RememberAsync([Nodes.At(3)]);
        Assert.Equal([Nodes.At(3)], await memory.RecallAsync());
    }

    [Fact]
    public async Task A_later_release_may_add_to_it()
    {
        var memory = new FilePeerMemory(Path);
        await memory.RememberAsync([Nodes.At(1)]);
        var bytes = await File.ReadAllBytesAsync(Path);
        await File.WriteAllBytesAsync(Path, [0x93, .. bytes[1..], 0xc0]);

        Assert.Equal([Nodes.At(1)], await memory.RecallAsync());
    }

    [Fact]
    public async Task It_has_room_for_as_many_as_are_worth_keeping()
    {
        var memory = new FilePeerMemory(Path);
        var longest = new string('a', 250);
        NodeHandle[] peers =
        [
            .. Enumerable.Range(0, IPeerMemory.PeersMax + 1)
                .Select(i => new NodeHandle(new NodeId((UInt128)i), ulong.MaxValue, [new NodeAddress(longest, 1), new NodeAddress(longest[..70], 2)], ulong.MaxValue)),
        ];
        await memory.RememberAsync(peers[1..]);

        Assert.Equal(IPeerMemory.PeersMax, (await memory.RecallAsync()).Count);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => memory.RememberAsync(peers).AsTask());
    }

    [Fact]
    public async Task A_place_that_can_not_be_written_is_told()
    {
        var memory = new FilePeerMemory(System.IO.Path.Combine(_folder, "missing", "peers"));
        Assert.Contains("missing", (await Assert.ThrowsAsync<PastryException>(() => memory.RememberAsync([Nodes.At(1)]).AsTask())).Message, StringComparison.Ordinal);
    }
}
