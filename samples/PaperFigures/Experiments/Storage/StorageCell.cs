namespace PaperFigures.Experiments.Storage;

/// <summary>Is one setting of the paper's storage experiments, and what the paper found for it, in percent.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Capacities">How large the nodes' disks are.</param>
/// <param name="LeafSetSize">The leaf set's size l.</param>
/// <param name="PrimaryThreshold">t_pri.</param>
/// <param name="DivertedThreshold">t_div.</param>
/// <param name="SaltsMax">How many salts are tried.</param>
/// <param name="Workload">The files.</param>
/// <param name="Paper">The paper's figures; null where it gives none.</param>
internal sealed record StorageCell(
    string Name,
    CapacityDistribution Capacities,
    int LeafSetSize,
    double PrimaryThreshold,
    double DivertedThreshold,
    int SaltsMax,
    FileSizes Workload,
    PaperCell? Paper)
{
    private const double Pri = 0.1, Div = 0.05;

    /// <summary>All settings: the baseline without diversion, tables 2, 3 and 4, and the file-system workload of figure 7.</summary>
    public static readonly IReadOnlyList<StorageCell> All =
    [
        new("baseline", CapacityDistribution.D1, 32, 1, 0, 1, FileSizes.Web, new(48.9, 51.1, double.NaN, double.NaN, 60.8)),
        Table2("d1-l16", CapacityDistribution.D1, 16, new(97.6, 2.4, 8.4, 14.8, 94.9)),
        Table2("d2-l16", CapacityDistribution.D2, 16, new(97.8, 2.2, 8.0, 13.7, 94.8)),
        Table2("d3-l16", CapacityDistribution.D3, 16, new(96.9, 3.1, 8.2, 17.7, 94.0)),
        Table2("d4-l16", CapacityDistribution.D4, 16, new(94.5, 5.5, 10.2, 22.2, 94.1)),
        Table2("d1-l32", CapacityDistribution.D1, 32, new(99.3, 0.7, 3.5, 16.1, 98.2)),
        Table2("d2-l32", CapacityDistribution.D2, 32, new(99.4, 0.6, 3.3, 15.0, 98.1)),
        Table2("d3-l32", CapacityDistribution.D3, 32, new(99.4, 0.6, 3.1, 18.5, 98.1)),
        Table2("d4-l32", CapacityDistribution.D4, 32, new(97.9, 2.1, 4.1, 23.3, 99.3)),
        Thresholds("pri-0.5", 0.5, Div, new(88.02, 11.98, 4.43, 18.80, 99.7)),
        Thresholds("pri-0.2", 0.2, Div, new(96.57, 3.42, 4.41, 18.13, 99.4)),
        Thresholds("pri-0.05", 0.05, Div, new(99.30, 0.27, 2.17, 12.86, 97.4)),
        Thresholds("div-0.1", Pri, 0.1, new(93.72, 6.28, 5.07, 13.81, 99.8)),
        Thresholds("div-0.01", Pri, 0.01, new(99.76, 0.24, 0.53, 15.20, 93.1)),
        Thresholds("div-0.005", Pri, 0.005, new(99.57, 0.43, 0.53, 14.72, 90.5)),
        new("filesystem", CapacityDistribution.D1 with { Factor = 10 }, 32, Pri, Div, 4, FileSizes.FileSystem, Paper: null),
    ];

    private static StorageCell Table2(string name, CapacityDistribution capacities, int leafSetSize, PaperCell paper) =>
        new(name, capacities, leafSetSize, Pri, Div, 4, FileSizes.Web, paper);

    private static StorageCell Thresholds(string name, double primary, double diverted, PaperCell paper) =>
        new(name, CapacityDistribution.D1, 32, primary, diverted, 4, FileSizes.Web, paper);
}

/// <summary>Holds what the paper found, in percent; what it does not give is no number.</summary>
internal sealed record PaperCell(double Success, double Fail, double FileDiversion, double ReplicaDiversion, double Utilisation);
