using P2P.Pastry.Protocol;

namespace P2P.Pastry.Simulation;

/// <summary>Makes the topologies in which overlays are commonly measured. A host's place depends on the seed and its number alone.</summary>
public static class Topologies
{
    /// <summary>Every pair of hosts has its own delay, drawn evenly between two bounds.</summary>
    public static ITopology Uniform(TimeSpan min, TimeSpan max, ulong seed = 0) => new UniformTopology(min, max, seed);

    /// <summary>Hosts lie evenly on a square; the delay grows with the straight way and is <paramref name="side"/> along one side (Pastry §3).</summary>
    public static ITopology Plane(TimeSpan side, ulong seed = 0) => new PlaneTopology(side, seed);

    /// <summary>Hosts lie evenly on a sphere; the delay grows with the great circle and is <paramref name="halfway"/> to the antipode.</summary>
    public static ITopology Sphere(TimeSpan halfway, ulong seed = 0) => new SphereTopology(halfway, seed);

    private static SeededRandom PlaceOf(ulong seed, int host) => new(new SeededRandom(seed + (ulong)host).Next());

    private sealed class UniformTopology(TimeSpan min, TimeSpan max, ulong seed) : ITopology
    {
        public TimeSpan Delay(int from, int to)
        {
            var (low, high) = from < to ? (from, to) : (to, from);
            var random = new SeededRandom(seed ^ (((ulong)(uint)low << 32) | (uint)high));
            return min + (max - min) * random.NextDouble();
        }
    }

    private sealed class PlaneTopology(TimeSpan side, ulong seed) : ITopology
    {
        public TimeSpan Delay(int from, int to)
        {
            var a = PlaceOf(seed, from);
            var b = PlaceOf(seed, to);
            var dx = a.NextDouble() - b.NextDouble();
            var dy = a.NextDouble() - b.NextDouble();
            return side * Math.Sqrt(dx * dx + dy * dy);
        }
    }

    private sealed class SphereTopology(TimeSpan halfway, ulong seed) : ITopology
    {
        public TimeSpan Delay(int from, int to)
        {
            var (ax, ay, az) = Point(from);
            var (bx, by, bz) = Point(to);
            return halfway * (Math.Acos(Math.Clamp(ax * bx + ay * by + az * bz, -1, 1)) / Math.PI);
        }

        private (double X, double Y, double Z) Point(int host)
        {
            var random = PlaceOf(seed, host);
            var z = 2 * random.NextDouble() - 1;
            var angle = 2 * Math.PI * random.NextDouble();
            var radius = Math.Sqrt(1 - z * z);
            return (radius * Math.Cos(angle), radius * Math.Sin(angle), z);
        }
    }
}
