using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace P2P.YouServ.Hosting;

/// <summary>
/// Gives a web server that carries others' connections memory in large blocks: it fills one with each call to the system, and its usual 4 KiB make more calls than bytes. Blocks are taken when data is there and
/// given back when it has gone on, so that idle connections hold none.
/// </summary>
internal sealed class LargeBlocks(int blockBytes = LargeBlocks.LargeBytes) : IMemoryPoolFactory<byte>
{
    /// <summary>What a server has that carries nobody.</summary>
    public const int UsualBytes = 4 * 1024;

    private const int LargeBytes = 32 * 1024;

    /// <summary>How many blocks wait to be used again; further ones are left to the collector.</summary>
    private const int WaitingMax = 1024;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool(blockBytes);

    private sealed class Pool(int blockBytes) : MemoryPool<byte>
    {
        private readonly ConcurrentQueue<Block> _waiting = new();

        public override int MaxBufferSize => blockBytes;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, blockBytes);
            var block = _waiting.TryDequeue(out var known) ? known : new Block(this, blockBytes);
            block.IsRented = true;
            return block;
        }

        protected override void Dispose(bool disposing) => _waiting.Clear();

        private void Return(Block block)
        {
            if (_waiting.Count < WaitingMax)
            {
                _waiting.Enqueue(block);
            }
        }

        private sealed class Block(Pool pool, int bytes) : IMemoryOwner<byte>
        {
            // Pinned for good: the system writes into it.
            private readonly Memory<byte> _memory = MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(bytes, pinned: true), 0, bytes);

            public bool IsRented { get; set; }

            public Memory<byte> Memory => _memory;

            public void Dispose()
            {
                if (IsRented)
                {
                    IsRented = false;
                    pool.Return(this);
                }
            }
        }
    }
}
