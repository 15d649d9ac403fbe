using P2P.YouServ.Hosting;

namespace Benchmarks.Tunnels;

/// <summary>What a process holds at one moment.</summary>
/// <param name="Handles">Open files and sockets.</param>
/// <param name="MemoryBytes">What lives on the heap.</param>
/// <param name="Tunnels">Tunnels that end in it.</param>
/// <param name="Lanes">Connections of visitors within them.</param>
internal sealed record HeldState(int Handles, long MemoryBytes, int Tunnels, int Lanes)
{
    public static HeldState Of(ProxyDesk desk)
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return new(OperatingSystem.IsLinux() ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 0, GC.GetTotalMemory(forceFullCollection: true), desk.TunnelCount, desk.LaneCount);
    }
}
