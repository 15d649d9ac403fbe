using System.Buffers.Binary;
using System.IO.Pipelines;
using P2P.Pastry.Transport.Tcp;
using Xunit.Abstractions;

namespace Pastry.Tests.Fuzz;

/// <summary>The chunks of a stream arrive as they were written, however the connection cuts them, and a stream without its end was cut off.</summary>
public sealed class ChunkFuzzTests(ITestOutputHelper output) : IDisposable
{
    private readonly TransportMetrics _metrics = new(null);

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public async Task Chunks_that_are_cut_anywhere_are_read_to_their_end_or_were_cut_off()
    {
        const int Seed = 31;
        output.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        for (var round = 0; round < 300; round++)
        {
            var content = new byte[random.Next(200_000)];
            random.NextBytes(content);
            using var written = new MemoryStream();
            await ChunkWriter.WriteAllAsync(PipeReader.Create(new MemoryStream(content)), written, _metrics);
            var bytes = written.ToArray();

            Assert.Equal(content, await ReadAsync(bytes, random));
            await Assert.ThrowsAsync<IOException>(() => ReadAsync(bytes[..random.Next(bytes.Length)], random));
        }
    }

    [Fact]
    public async Task Lengths_that_lie_give_what_is_there_and_cost_no_room()
    {
        var bytes = new byte[10];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, uint.MaxValue);
        using var reader = new ChunkReader(new MemoryStream(bytes), _metrics);
        var room = new byte[100];
        Assert.Equal(6, await reader.ReadAsync(room));
        await Assert.ThrowsAsync<IOException>(() => reader.ReadAsync(room).AsTask());
        Assert.False(reader.Ended);
    }

    private async Task<byte[]> ReadAsync(byte[] bytes, Random random)
    {
        using var reader = new ChunkReader(new CutStream(bytes, random), _metrics);
        using var read = new MemoryStream();
        await reader.CopyToAsync(read);
        return read.ToArray();
    }

    /// <summary>Gives its bytes in stretches of any length.</summary>
    private sealed class CutStream(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 1 + random.Next(1 << random.Next(17)))], cancellationToken);
    }
}
