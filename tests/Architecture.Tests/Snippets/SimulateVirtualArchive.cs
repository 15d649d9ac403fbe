// snippet: simulate-virtual-archive
using P2P.Past.Simulation;
// end of snippet

namespace Architecture.Tests.Snippets;

public sealed class SimulateVirtualArchive
{
    [Fact]
    public void Crash_is_made_up_for()
    {
        // snippet: simulate-virtual-archive
        var archive = new VirtualArchive(new() { UplinkBitsPerSecond = 10e6, DownlinkBitsPerSecond = 10e6 });
        archive.Grow([.. Enumerable.Repeat(50_000_000L, 1000)]);
        archive.Insert(archive.AnyNode(), archive.NewFile(length: 100_000, replicaCount: 5), result => Console.WriteLine(result));
        archive.Overlay.Run(TimeSpan.FromMinutes(1));
        archive.Overlay.Nodes[0].Crash();
        archive.Overlay.Run(TimeSpan.FromMinutes(1));
        Console.WriteLine($"{archive.Utilization:P2} used, {archive.Counters.RepairedBytes:N0} bytes moved to make up for the crash");
        // end of snippet
        Assert.Equal(1, archive.Counters.InsertsStored);
    }
}
