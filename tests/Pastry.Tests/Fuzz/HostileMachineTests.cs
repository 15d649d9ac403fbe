using P2P.Pastry;
using Xunit.Abstractions;

namespace Pastry.Tests.Fuzz;

/// <summary>
/// One node among peers that lie, repeat, mutate and fall silent: no input makes its machine throw, break an invariant, answer without
/// bounds, or deliver when it may not. With P2P_LONG=1 it lives through a hundred times as many lives.
/// </summary>
public sealed class HostileMachineTests(ITestOutputHelper output)
{
    private static readonly int Factor = Environment.GetEnvironmentVariable("P2P_LONG") == "1" ? 100 : 1;

    [Theory]
    [InlineData(1, 2, 20)]
    [InlineData(2, 4, 20)]
    [InlineData(4, 8, 20)]
    [InlineData(8, 16, 4)]
    public void Lies_break_no_invariant(int bitsPerDigit, int leafSetSize, int lives)
    {
        var options = new PastryOptions
        {
            BitsPerDigit = bitsPerDigit,
            LeafSetSize = leafSetSize,
            NeighborhoodSize = 5,
            HeldMessagesMax = 20,
            PendingHopsMax = 50,
        };
        var first = 1_000_000 * bitsPerDigit;
        var delivered = 0;
        for (var seed = first; seed < first + lives * Factor; seed++)
        {
            var life = new HostileLife(seed, options);
            try
            {
                life.Run(inputs: 2_000);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}, input {life.Inputs}", exception);
            }

            delivered += life.Delivered;
        }

        output.WriteLine($"seeds from {first}: {lives * Factor} lives, {delivered} messages delivered");
        Assert.InRange(delivered, 1, int.MaxValue);
    }
}
