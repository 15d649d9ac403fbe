using System.Buffers.Binary;
using System.Collections;
using System.Security.Cryptography;
using System.Text;

namespace Benchmarks.Bloom;

/// <summary>Is the filter that one writes in ten minutes: a BitArray, and positions from SHA-256.</summary>
internal sealed class NaiveFilter(int bits, int hashCount)
{
    private readonly BitArray _bits = new(bits);

    public void Add(string element)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(element));
        for (var index = 0; index < hashCount; index++)
        {
            _bits[Position(hash, index)] = true;
        }
    }

    public bool MayContain(string element)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(element));
        for (var index = 0; index < hashCount; index++)
        {
            if (!_bits[Position(hash, index)])
            {
                return false;
            }
        }

        return true;
    }

    public void Clear() => _bits.SetAll(false);

    private int Position(byte[] hash, int index) => (int)(BinaryPrimitives.ReadUInt32LittleEndian(hash.AsSpan(4 * index)) % (uint)_bits.Length);
}
