using P2P.Pastry.Protocol;

namespace P2P.Pastry.Simulation;

/// <summary>
/// Is a network of the shape that GT-ITM draws: transit domains of routers far apart, to each of whose routers stub domains are attached.
/// With the defaults there are 5,050 routers, as in SCRIBE's experiments. Hosts sit on random stub routers behind a short link.
/// </summary>
public sealed class TransitStubTopology : ITopology
{
    private const int TransitDomains = 10;
    private const int RoutersPerTransitDomain = 5;
    private const int StubsPerTransitRouter = 10;
    private const int RoutersPerStub = 10;
    private const int TransitRouters = TransitDomains * RoutersPerTransitDomain;
    private const int StubRouters = TransitRouters * StubsPerTransitRouter * RoutersPerStub;

    private static readonly TimeSpan HostLink = TimeSpan.FromMilliseconds(1);

    private readonly ulong _seed;
    private readonly float[,] _transit;
    private readonly float[][,] _stubs;

    /// <summary>Draws a network.</summary>
    /// <param name="seed">Equal seeds give equal networks.</param>
    public TransitStubTopology(ulong seed = 0)
    {
        _seed = seed;
        var random = new SeededRandom(seed);
        _transit = DrawTransit(ref random);
        _stubs = new float[TransitRouters * StubsPerTransitRouter][,];
        for (var stub = 0; stub < _stubs.Length; stub++)
        {
            _stubs[stub] = DrawGraph(ref random, RoutersPerStub, extraEdges: 0.3, minMs: 1, maxMs: 5);
        }
    }

    /// <summary>How many routers there are in all.</summary>
    public static int RouterCount => TransitRouters + StubRouters;

    /// <inheritdoc/>
    public TimeSpan Delay(int from, int to)
    {
        if (from == to)
        {
            return TimeSpan.Zero;
        }

        var a = RouterOf(from);
        var b = RouterOf(to);
        return TimeSpan.FromMilliseconds(RouterDelay(a, b)) + 2 * HostLink;
    }

    /// <summary>Gives the stub router that a host sits on, from 0.</summary>
    public int RouterOf(int host) => new SeededRandom(new SeededRandom(_seed ^ ((ulong)host << 1)).Next()).Next(StubRouters);

    private double RouterDelay(int a, int b)
    {
        var (stubA, stubB) = (a / RoutersPerStub, b / RoutersPerStub);
        if (stubA == stubB)
        {
            return _stubs[stubA][a % RoutersPerStub, b % RoutersPerStub];
        }

        // Router 0 of a stub is its gateway.
        return _stubs[stubA][a % RoutersPerStub, 0] + _transit[stubA / StubsPerTransitRouter, stubB / StubsPerTransitRouter]
            + _stubs[stubB][b % RoutersPerStub, 0];
    }

    private static float[,] DrawTransit(ref SeededRandom random)
    {
        var delays = Unconnected(TransitRouters);
        for (var domain = 0; domain < TransitDomains; domain++)
        {
            var inner = DrawGraph(ref random, RoutersPerTransitDomain, extraEdges: 0.5, minMs: 5, maxMs: 20);
            for (var i = 0; i < RoutersPerTransitDomain; i++)
            {
                for (var j = 0; j < RoutersPerTransitDomain; j++)
                {
                    delays[domain * RoutersPerTransitDomain + i, domain * RoutersPerTransitDomain + j] = inner[i, j];
                }
            }
        }

        for (var domain = 1; domain < TransitDomains; domain++)
        {
            Link(ref random, delays, domain, random.Next(domain));
            Link(ref random, delays, domain, random.Next(domain));
        }

        CloseUnderPaths(delays, TransitRouters);
        return delays;

        static void Link(ref SeededRandom random, float[,] delays, int domainA, int domainB)
        {
            var a = domainA * RoutersPerTransitDomain + random.Next(RoutersPerTransitDomain);
            var b = domainB * RoutersPerTransitDomain + random.Next(RoutersPerTransitDomain);
            delays[a, b] = delays[b, a] = (float)(20 + 60 * random.NextDouble());
        }
    }

    private static float[,] DrawGraph(ref SeededRandom random, int count, double extraEdges, double minMs, double maxMs)
    {
        var delays = Unconnected(count);
        for (var i = 1; i < count; i++)
        {
            Connect(ref random, i, random.Next(i));
            for (var j = 0; j < i; j++)
            {
                if (random.NextDouble() < extraEdges)
                {
                    Connect(ref random, i, j);
                }
            }
        }

        CloseUnderPaths(delays, count);
        return delays;

        void Connect(ref SeededRandom random, int i, int j) =>
            delays[i, j] = delays[j, i] = (float)(minMs + (maxMs - minMs) * random.NextDouble());
    }

    private static float[,] Unconnected(int count)
    {
        var delays = new float[count, count];
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++)
            {
                delays[i, j] = i == j ? 0 : float.PositiveInfinity;
            }
        }

        return delays;
    }

    private static void CloseUnderPaths(float[,] delays, int count)
    {
        for (var over = 0; over < count; over++)
        {
            for (var i = 0; i < count; i++)
            {
                for (var j = 0; j < count; j++)
                {
                    delays[i, j] = Math.Min(delays[i, j], delays[i, over] + delays[over, j]);
                }
            }
        }
    }
}
