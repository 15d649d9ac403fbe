using P2P.Pastry.Simulation;

namespace Scribe.Tests.Simulation;

/// <summary>Lets all hosts be as far from each other, but for some that are far from everybody: what is said to them stays under way for long.</summary>
internal sealed class SlowHosts : ITopology
{
    private static readonly TimeSpan Near = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan Far = TimeSpan.FromSeconds(1);

    public HashSet<int> Slow { get; } = [];

    public TimeSpan Delay(int from, int to) => Slow.Contains(from) || Slow.Contains(to) ? Far : Near;
}
