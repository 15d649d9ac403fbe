using P2P.Past;
using P2P.Pastry;

namespace QuickStart;

/// <summary>The settings of the demonstration: a ring so small that a real one's settings would hide what happens.</summary>
internal static class Defaults
{
    /// <summary>Replicas of each file.</summary>
    public const int Replicas = 3;

    /// <summary>How many files are under way at a time.</summary>
    public const int Concurrency = 16;

    /// <summary>
    /// Small leaf sets and digits of two bits, so that messages travel over several hops among twelve nodes; and short times, so that a
    /// crash is noticed within seconds.
    /// </summary>
    public static readonly PastryOptions Pastry = new()
    {
        BitsPerDigit = 2,
        LeafSetSize = 4,
        NeighborhoodSize = 4,
        HeartbeatInterval = TimeSpan.FromSeconds(1),
        LeaseDuration = TimeSpan.FromSeconds(4),
        ProbeTimeout = TimeSpan.FromSeconds(1),
        LeafSetExchangeInterval = TimeSpan.FromSeconds(5),
    };

    public static readonly PastOptions Past = new() { MaintenanceInterval = TimeSpan.FromSeconds(10) };

    /// <summary>Finds this repository's src, from wherever the program was started.</summary>
    public static string SourceFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "P2P.Libraries.sln")))
            {
                return Path.Combine(folder.FullName, "src");
            }
        }

        return Directory.GetCurrentDirectory();
    }
}
