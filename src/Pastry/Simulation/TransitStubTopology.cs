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
    private readonly Part _transit;
    private readonly Part[] _stubs;

    /// <summary>Draws a network.</summary>
    /// <param name="seed">Equal seeds give equal networks.</param>
    public TransitStubTopology(ulong seed = 0)
    {
        _seed = seed;
        var random = new SeededRandom(seed);
        _transit = DrawTransit(ref random);
        _stubs = new Part[TransitRouters * StubsPerTransitRouter];
        for (var stub = 0; stub < _stubs.Length; stub++)
        {
            _stubs[stub] = DrawGraph(ref random, RoutersPerStub, extraEdges: 0.3, minMs: 1, maxMs: 5);
        }

        LinkCount = _transit.LinkCount + _stubs.Length + _stubs.Sum(stub => stub.LinkCount);
    }

    /// <summary>How many links between routers there are that lie on any shortest way.</summary>
    public int LinkCount { get; }

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

    /// <summary>
    /// Lists the routers on the shortest way from one host to another, from the stub router that the first sits on to that of the second. Transit routers have the numbers behind those of
    /// stub routers.
    /// </summary>
    public IReadOnlyList<int> RoutersBetween(int from, int to)
    {
        var (a, b) = (RouterOf(from), RouterOf(to));
        var (stubA, stubB) = (a / RoutersPerStub, b / RoutersPerStub);
        var routers = new List<int> { a };
        if (stubA == stubB)
        {
            Walk(_stubs[stubA], a % RoutersPerStub, b % RoutersPerStub, stubA * RoutersPerStub);
            return routers;
        }

        var (transitA, transitB) = (stubA / StubsPerTransitRouter, stubB / StubsPerTransitRouter);
        Walk(_stubs[stubA], a % RoutersPerStub, 0, stubA * RoutersPerStub);
        routers.Add(StubRouters + transitA);
        Walk(_transit, transitA, transitB, StubRouters);
        routers.Add(stubB * RoutersPerStub);
        Walk(_stubs[stubB], 0, b % RoutersPerStub, stubB * RoutersPerStub);
        return routers;

        void Walk(Part part, int first, int last, int offset)
        {
            while (first != last)
            {
                first = part.Next[first, last];
                routers.Add(offset + first);
            }
        }
    }

    private double RouterDelay(int a, int b)
    {
        var (stubA, stubB) = (a / RoutersPerStub, b / RoutersPerStub);
        if (stubA == stubB)
        {
            return _stubs[stubA].Delays[a % RoutersPerStub, b % RoutersPerStub];
        }

        // Router 0 of a stub is its gateway.
        return _stubs[stubA].Delays[a % RoutersPerStub, 0] + _transit.Delays[stubA / StubsPerTransitRouter, stubB / StubsPerTransitRouter]
            + _stubs[stubB].Delays[b % RoutersPerStub, 0];
    }

    private static Part DrawTransit(ref SeededRandom random)
    {
        var delays = Unconnected(TransitRouters);
        for (var domain = 0; domain < TransitDomains; domain++)
        {
            var inner = DrawGraph(ref random, RoutersPerTransitDomain, extraEdges: 0.5, minMs: 5, maxMs: 20);
            for (var i = 0; i < RoutersPerTransitDomain; i++)
            {
                for (var j = 0; j < RoutersPerTransitDomain; j++)
                {
                    delays[domain * RoutersPerTransitDomain + i, domain * RoutersPerTransitDomain + j] = inner.Direct[i, j];
                }
            }
        }

        for (var domain = 1; domain < TransitDomains; domain++)
        {
            Link(ref random, delays, domain, random.Next(domain));
            Link(ref random, delays, domain, random.Next(domain));
        }

        return Part.Of(delays, TransitRouters);

        static void Link(ref SeededRandom random, float[,] delays, int domainA, int domainB)
        {
            var a = domainA * RoutersPerTransitDomain + random.Next(RoutersPerTransitDomain);
            var b = domainB * RoutersPerTransitDomain + random.Next(RoutersPerTransitDomain);
            delays[a, b] = delays[b, a] = (float)(20 + 60 * random.NextDouble());
        }
    }

    private static Part DrawGraph(ref SeededRandom random, int count, double extraEdges, double minMs, double maxMs)
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

        return Part.Of(delays, count);

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

    /// <summary>Is a part of the network whose routers are connected with each other.</summary>
    /// <param name="Direct">The delays of the links between two routers, in ms; infinite where there is none.</param>
    /// <param name="Delays">The delays of the shortest ways, in ms.</param>
    /// <param name="Next">The router after the first one on the shortest way to the second.</param>
    private sealed record Part(float[,] Direct, float[,] Delays, byte[,] Next)
    {
        /// <summary>How many links lie on any shortest way.</summary>
        public int LinkCount
        {
            get
            {
                var count = 0;
                for (var i = 0; i < Next.GetLength(0); i++)
                {
                    for (var j = 0; j < i; j++)
                    {
                        count += Next[i, j] == j ? 1 : 0;
                    }
                }

                return count;
            }
        }

        public static Part Of(float[,] direct, int count)
        {
            var (delays, next) = ((float[,])direct.Clone(), new byte[count, count]);
            for (var i = 0; i < count; i++)
            {
                for (var j = 0; j < count; j++)
                {
                    next[i, j] = (byte)j;
                }
            }

            for (var over = 0; over < count; over++)
            {
                for (var i = 0; i < count; i++)
                {
                    for (var j = 0; j < count; j++)
                    {
                        if (delays[i, over] + delays[over, j] < delays[i, j])
                        {
                            delays[i, j] = delays[i, over] + delays[over, j];
                            next[i, j] = next[i, over];
                        }
                    }
                }
            }

            return new Part(direct, delays, next);
        }
    }
}
