using P2P.Pastry.Simulation;

namespace PaperFigures.Experiments.Locality;

/// <summary>Compares the routing tables of some nodes with perfect ones, row by row.</summary>
internal sealed class TableQuality
{
    private readonly Level[] _levels;

    /// <summary>Looks at the tables.</summary>
    /// <param name="simulation">The ring.</param>
    /// <param name="perfect">What they should be.</param>
    /// <param name="sample">How many nodes are looked at.</param>
    /// <param name="rows">How many rows are looked at.</param>
    public TableQuality(PastrySimulation simulation, PerfectTables perfect, int sample, int rows)
    {
        _levels = new Level[rows];
        SimulatedNode[] up = [.. simulation.ReadyNodes];
        var step = Math.Max(1, up.Length / sample);
        for (var i = 0; i < up.Length; i += step)
        {
            Nodes++;
            for (var row = 0; row < rows; row++)
            {
                _levels[row] = Compare(up[i], row, perfect, simulation.Options.BitsPerDigit, _levels[row]);
            }
        }
    }

    /// <summary>How many tables were looked at.</summary>
    public int Nodes { get; }

    /// <summary>What was found for each row.</summary>
    public IReadOnlyList<Level> Levels => _levels;

    private static Level Compare(SimulatedNode node, int row, PerfectTables perfect, int bitsPerDigit, Level level)
    {
        var entries = node.RoutingTableRow(row).ToDictionary(entry => entry.Id.Digit(row, bitsPerDigit));
        for (var column = 0; column < 1 << bitsPerDigit; column++)
        {
            if (column == node.Handle.Id.Digit(row, bitsPerDigit) || perfect.Nearest(node.Handle.Id, row, column) is not (var nearest and < double.PositiveInfinity))
            {
                continue;
            }

            var delay = entries.TryGetValue(column, out var entry) ? perfect.Delay(node.Handle.Id, entry.Id) : double.NaN;
            level = level with
            {
                Possible = level.Possible + 1,
                Filled = level.Filled + (double.IsNaN(delay) ? 0 : 1),
                Optimal = level.Optimal + (delay <= nearest ? 1 : 0),
                Delay = level.Delay + (double.IsNaN(delay) ? 0 : delay),
                DelayOfPerfect = level.DelayOfPerfect + (double.IsNaN(delay) ? 0 : nearest),
            };
        }

        return level;
    }

    /// <summary>Is what was found for one row of all tables together.</summary>
    /// <param name="Possible">Slots for which there is a node.</param>
    /// <param name="Filled">Slots that hold one.</param>
    /// <param name="Optimal">Slots that hold the nearest one.</param>
    /// <param name="Delay">How far the nodes are, added up, in seconds.</param>
    /// <param name="DelayOfPerfect">How far the nearest ones for the same slots are, added up, in seconds.</param>
    internal readonly record struct Level(long Possible, long Filled, long Optimal, double Delay, double DelayOfPerfect);
}
