using System.Security.Cryptography;
using P2P.Pastry;

namespace Pastry.Tests.Fuzz;

/// <summary>Payloads that show when a byte of them was changed.</summary>
internal static class Sealed
{
    public static Payload Make(Random random)
    {
        var bytes = new byte[16 + random.Next(random.Next(8) == 0 ? 2_000 : 100)];
        random.NextBytes(bytes);
        Digest(bytes).CopyTo(bytes.AsSpan());
        return Payload.FromBytes(bytes);
    }

    public static bool IsWhole(in Payload payload) => payload.Span.Length >= 16 && Digest(payload.Span).AsSpan().SequenceEqual(payload.Span[..16]);

    private static byte[] Digest(ReadOnlySpan<byte> bytes) => SHA256.HashData(bytes[16..])[..16];
}
