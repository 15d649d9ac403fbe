using P2P.Pastry.Tests.Transport;
using Xunit.Abstractions;

namespace Pastry.Tests.Fuzz;

/// <summary>
/// Feeds a reader with mutations of valid bytes. It reads them or refuses them in the one way that it documents; either costs no more
/// memory than the length of the input explains, and comes to an end. With P2P_LONG=1 it takes a hundred times as many inputs.
/// </summary>
internal sealed class Fuzzer(ITestOutputHelper output)
{
    private static readonly int Factor = Environment.GetEnvironmentVariable("P2P_LONG") == "1" ? 100 : 1;

    private byte[] _input = [];
    private int _count;

    /// <summary>What reading may allocate: a share for each byte, and what refusing costs.</summary>
    private static long Allowed(int length) => 32 * 1024 + 64L * length;

    /// <summary>Runs the reader in as many rounds.</summary>
    /// <param name="seed">Decides on the inputs.</param>
    /// <param name="rounds">How many inputs.</param>
    /// <param name="valid">Inputs that are accepted as they are.</param>
    /// <param name="rewrite">Reads, and writes what was read; or gives null where it refuses.</param>
    public async Task RunAsync(int seed, int rounds, byte[][] valid, Func<byte[], byte[]?> rewrite)
    {
        Assert.All(valid, bytes => Assert.Equal(bytes, rewrite(bytes)));
        var running = Task.Run(() => Run(seed, rounds * Factor, valid, rewrite));
        for (var before = -1; !running.IsCompleted; before = _count)
        {
            await Task.WhenAny(running, Task.Delay(Patience.Long));
            Assert.True(running.IsCompleted || _count != before, $"seed {seed}, input {_count} is read without end: {Convert.ToHexString(_input)}");
        }

        var accepted = await running;
        output.WriteLine($"seed {seed}: {accepted} of {rounds * Factor} inputs were read");

        // Both ends of the reader were visited.
        Assert.InRange(accepted, rounds * Factor / 100, rounds * Factor * 9 / 10);
    }

    private int Run(int seed, int rounds, byte[][] valid, Func<byte[], byte[]?> rewrite)
    {
        var mutator = new Mutator(seed);
        var accepted = 0;
        for (_count = 0; _count < rounds; _count++)
        {
            _input = mutator.Next(valid);
            try
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                var rewritten = rewrite(_input);
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Allowed(_input.Length));
                if (rewritten is not null)
                {
                    accepted++;
                    Assert.Equal(rewritten, rewrite(rewritten));
                }
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}, input {_count}: {Convert.ToHexString(_input)}", exception);
            }
        }

        return accepted;
    }
}
