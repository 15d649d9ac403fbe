using System.Buffers.Binary;
using System.Numerics;

namespace P2P.Bloom.Hashing;

/// <summary>Computes SipHash-2-4 with 128 bits of output, a keyed pseudo-random function (Aumasson and Bernstein).</summary>
internal readonly struct SipHash128(ulong key0, ulong key1)
{
    private const int CompressionRounds = 2;
    private const int FinalizationRounds = 4;

    public BloomHash Hash(ReadOnlySpan<byte> bytes)
    {
        var state = new State(key0, key1);
        var last = (ulong)bytes.Length << 56;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            state.Compress(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        for (var index = 0; index < bytes.Length; index++)
        {
            last |= (ulong)bytes[index] << (8 * index);
        }

        state.Compress(last);
        return state.Finish();
    }

    private struct State
    {
        private ulong _v0;
        private ulong _v1;
        private ulong _v2;
        private ulong _v3;

        public State(ulong key0, ulong key1)
        {
            _v0 = key0 ^ 0x736F6D6570736575;
            _v1 = key1 ^ 0x646F72616E646F6D ^ 0xEE;
            _v2 = key0 ^ 0x6C7967656E657261;
            _v3 = key1 ^ 0x7465646279746573;
        }

        public void Compress(ulong word)
        {
            _v3 ^= word;
            Rounds(CompressionRounds);
            _v0 ^= word;
        }

        public BloomHash Finish()
        {
            _v2 ^= 0xEE;
            Rounds(FinalizationRounds);
            var low = _v0 ^ _v1 ^ _v2 ^ _v3;
            _v1 ^= 0xDD;
            Rounds(FinalizationRounds);
            return new BloomHash(low, _v0 ^ _v1 ^ _v2 ^ _v3);
        }

        private void Rounds(int count)
        {
            for (; count > 0; count--)
            {
                _v0 += _v1;
                _v1 = BitOperations.RotateLeft(_v1, 13) ^ _v0;
                _v0 = BitOperations.RotateLeft(_v0, 32);
                _v2 += _v3;
                _v3 = BitOperations.RotateLeft(_v3, 16) ^ _v2;
                _v0 += _v3;
                _v3 = BitOperations.RotateLeft(_v3, 21) ^ _v0;
                _v2 += _v1;
                _v1 = BitOperations.RotateLeft(_v1, 17) ^ _v2;
                _v2 = BitOperations.RotateLeft(_v2, 32);
            }
        }
    }
}
