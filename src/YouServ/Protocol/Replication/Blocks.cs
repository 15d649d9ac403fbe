using P2P.YouServ.Wire;

namespace P2P.YouServ.Protocol;

/// <summary>Cuts files into blocks, of which those that differ travel.</summary>
internal static class Blocks
{
    /// <summary>Bytes of each block but the last.</summary>
    public const int Length = 128 << 10;

    /// <summary>How many blocks a file has.</summary>
    public static int Count(long fileLength) => checked((int)((fileLength + Length - 1) / Length));

    /// <summary>Bytes of one of a file's blocks.</summary>
    public static int LengthOf(int block, long fileLength) => (int)Math.Min(Length, fileLength - ((long)block * Length));

    /// <summary>Finds the blocks that are not where they are to be.</summary>
    /// <param name="wanted">The digests that the file is to have.</param>
    /// <param name="present">Those that a file on the disk has.</param>
    /// <param name="runMax">How many blocks a run has at most.</param>
    /// <returns>Runs of blocks next to each other.</returns>
    public static IEnumerable<BlockRun> Missing(IReadOnlyList<ContentDigest> wanted, IReadOnlyList<ContentDigest> present, int runMax)
    {
        var first = 0;
        for (var block = 0; block < wanted.Count; block++)
        {
            if (block < present.Count && wanted[block] == present[block])
            {
                if (block > first)
                {
                    yield return new(first, block - first);
                }

                first = block + 1;
            }
            else if (block + 1 - first == runMax)
            {
                yield return new(first, runMax);
                first = block + 1;
            }
        }

        if (wanted.Count > first)
        {
            yield return new(first, wanted.Count - first);
        }
    }
}

/// <summary>Blocks of a file that stand next to each other.</summary>
/// <param name="First">The number of the first.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct BlockRun(int First, int Count);
