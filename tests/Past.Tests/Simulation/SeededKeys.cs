using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using P2P.Pastry;

namespace Past.Tests.Simulation;

/// <summary>Makes the keys of simulated nodes: the same seed and number give the same key, hence the same place on the ring.</summary>
internal static class SeededKeys
{
    private static readonly ConcurrentDictionary<(ulong Seed, int Number), SigningKey> Made = new();

    public static SigningKey Get(ulong seed, int number) => Made.GetOrAdd((seed, number), static place => Make(place.Seed, place.Number));

    private static SigningKey Make(ulong seed, int number)
    {
        Span<byte> place = stackalloc byte[sizeof(ulong) + sizeof(int)];
        BinaryPrimitives.WriteUInt64LittleEndian(place, seed);
        BinaryPrimitives.WriteInt32LittleEndian(place[sizeof(ulong)..], number);
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = SHA256.HashData(place) });
        return SigningKey.FromPem(key.ExportPkcs8PrivateKeyPem());
    }
}
