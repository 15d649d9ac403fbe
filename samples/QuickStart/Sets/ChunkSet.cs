using System.Buffers.Binary;
using System.Security.Cryptography;
using QuickStart.Input;

namespace QuickStart.Sets;

/// <summary>Cuts a folder's files into chunks, each known by a part of its hash. Equal chunks are one.</summary>
internal static class ChunkSet
{
    /// <summary>The bytes of a chunk's name.</summary>
    public const int NameLength = 16;

    private const int ChunkLength = 4096;

    /// <summary>What lies beyond is left out: a filter of so many names fits into one message.</summary>
    private const int ChunksMax = 20_000;

    public static async Task<IReadOnlyList<UInt128>> ReadAsync(InputFolder input, CancellationToken cancellationToken)
    {
        var names = new HashSet<UInt128>();
        var buffer = new byte[ChunkLength];
        foreach (var file in input.Files)
        {
            await using var content = file.Open();
            while (names.Count < ChunksMax && await content.ReadAtLeastAsync(buffer, ChunkLength, throwOnEndOfStream: false, cancellationToken) is var length and > 0)
            {
                names.Add(BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(buffer.AsSpan(0, length))));
            }
        }

        return [.. names];
    }
}
