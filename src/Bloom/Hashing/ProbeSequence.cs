using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace P2P.Bloom.Hashing;

/// <summary>
/// Derives any number of positions from a hash. The i-th number is x₀ = Low, xᵢ₊₁ = xᵢ · 9E3779B97F4A7C15₁₆ + High, and the position in a
/// vector of m bits ⌊xᵢ · m / 2⁶⁴⌋. So a vector that is f times shorter has the position divided by f: that is what folding rests on.
/// </summary>
internal struct ProbeSequence(BloomHash hash)
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    private readonly ulong _step = hash.High;
    private ulong _current = hash.Low;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Next(ulong length)
    {
        var position = MultiplyHigh(_current, length);
        _current = _current * Multiplier + _step;
        return position;
    }

    /// <summary>Passes over a number of positions.</summary>
    public void Skip(int count)
    {
        for (; count > 0; count--)
        {
            _current = _current * Multiplier + _step;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyHigh(ulong left, ulong right) =>
        Bmi2.X64.IsSupported ? Bmi2.X64.MultiplyNoFlags(left, right)
        : ArmBase.Arm64.IsSupported ? ArmBase.Arm64.MultiplyHigh(left, right)
        : Math.BigMul(left, right, out _);
}
