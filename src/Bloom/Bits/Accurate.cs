namespace P2P.Bloom.Bits;

/// <summary>Computes logarithms and exponentials near where they vanish; the framework's LogP1 and ExpM1 lose all digits there.</summary>
internal static class Accurate
{
    private const double Small = 1e-5;

    /// <summary>Computes ln(1 + x).</summary>
    public static double LogOnePlus(double x) => Math.Abs(x) < Small ? x * (1 - x * (0.5 - x / 3)) : Math.Log(1 + x);

    /// <summary>Computes e^x − 1.</summary>
    public static double ExpMinusOne(double x) => Math.Abs(x) < Small ? x * (1 + x * (0.5 + x / 6)) : Math.Exp(x) - 1;
}
