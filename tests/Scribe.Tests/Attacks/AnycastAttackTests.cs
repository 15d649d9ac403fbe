using P2P.Pastry;
using P2P.Pastry.Simulation;
using P2P.Scribe;
using P2P.Scribe.Wire;
using Scribe.Tests.Simulation;

namespace Scribe.Tests.Attacks;

/// <summary>
/// Searches for members carry what nodes do not remember, so any node may have made it up. Whatever they say, they end, members are asked as often as an
/// author may ask, and others find theirs.
/// </summary>
public sealed class AnycastAttackTests
{
    private const int Rate = 10;

    private readonly ScribeWorld _world = new(40, seed: 171);
    private readonly GroupId _group;
    private readonly SimulatedNode _root;
    private readonly Speaker _speaker;
    private int _asked;

    public AnycastAttackTests()
    {
        _group = _world.Create("helpers", new GroupPolicy { MessagesPerSecondMax = Rate }).Id;
        _root = _world.RootOf(_group);
        _speaker = Speaker.In(_world);
    }

    [Fact]
    public void A_search_that_says_it_has_been_nowhere_asks_each_member_once()
    {
        Serve(_root, accepts: false);
        Serve(Other, accepts: false);
        Flood(seconds: 5, () => Search([], []));
        Assert.Equal(2, _asked);
        Assert.True(CountersOf(_root).TooMany > 1000, $"{CountersOf(_root).TooMany} were too many");
    }

    [Fact]
    public void Whoever_floods_with_searches_takes_nothing_from_others()
    {
        Serve(_root, accepts: false);
        Serve(Other, accepts: true);
        var number = 0UL;
        Flood(seconds: 3, () => Search([], [], ++number), everySecond: () => Assert.IsType<AnycastResult.Accepted>(Ask()));
        Assert.InRange(_asked, 1, 2 * (2 * Rate + 4 * Rate) + 2 * 3);
    }

    [Fact]
    public void A_search_that_says_it_has_been_everywhere_ends()
    {
        Serve(_root, accepts: false);
        Serve(Other, accepts: true);
        _speaker.Say(_root.Handle, Search([.. Enumerable.Range(0, AnycastSearch.VisitedMax).Select(i => (ulong)i)], []));
        _world.Run(1);
        Assert.Equal(AnycastOutcome.NobodyAccepted, Assert.Single(_speaker.Heard.OfType<AnycastReply>()).Outcome);
        Assert.Equal(1, _asked);
    }

    [Fact]
    public void A_search_that_says_it_has_been_here_is_counted_all_the_same()
    {
        Serve(Other, accepts: true);
        ulong[] visited = [P2P.Scribe.Protocol.GroupState.Shorten(_root.Handle.Id)];
        var number = 0UL;
        Flood(seconds: 3, () => Search(visited, [], ++number));
        Assert.InRange(_asked, 1, 2 * Rate + 4 * Rate);
    }

    [Fact]
    public void A_search_that_names_nodes_outside_of_the_tree_goes_to_each_once()
    {
        var outside = Enumerable.Range(0, 4).Select(_ => Speaker.In(_world)).ToArray();
        Array.ForEach(outside, speaker => speaker.Answer = (_, message) => message);
        var next = _world.Overlay.Nodes.Where(node => node != _root && node != _speaker.Node).Select(node => node.Handle).Take(AnycastSearch.NextMax).ToArray();
        Array.ForEach(next, node => _speaker.Say(node, Search([1], next)));
        _world.Run(10);
        Assert.InRange(outside.Sum(speaker => speaker.Heard.Count), 0, outside.Length * next.Length);
        Assert.InRange(_speaker.Heard.OfType<AnycastReply>().Count(), 1, next.Length * (1 + outside.Length));
        var count = _speaker.Heard.Count;
        _world.Run(10);
        Assert.Equal(count, _speaker.Heard.Count);
    }

    [Fact]
    public void A_child_that_sends_each_search_back_as_new_does_not_keep_it_from_others()
    {
        _speaker.Join(_root, _group);
        _world.Run(1);
        Serve(Other, accepts: true);
        _speaker.Answer = (_, message) => message is AnycastSearch search ? new AnycastSearch(search.Client, search.Request, [], []) : null;
        for (var i = 0; i < 10; i++)
        {
            Assert.IsType<AnycastResult.Accepted>(Ask(from: _root));
        }
    }

    [Fact]
    public void A_search_that_a_child_sends_back_as_new_for_ever_ends()
    {
        Serve(_root, accepts: false);
        _speaker.Join(_root, _group);
        _world.Run(1);
        _speaker.Answer = (_, message) => message is AnycastSearch search ? new AnycastSearch(search.Client, search.Request, [], []) : null;
        Assert.IsNotType<AnycastResult.Accepted>(Ask(from: _root));
        Assert.Equal(1, _asked);
        Assert.InRange(_speaker.Heard.OfType<AnycastSearch>().Count(), 1, 64);
    }

    [Fact]
    public void A_child_that_passes_nothing_on_is_tried_after_others_when_a_search_is_sent_anew()
    {
        _speaker.Join(_root, _group);
        _world.Run(1);
        var newcomer = _world.Scribe.AddNode();
        newcomer.Join(Other);
        Assert.True(_world.Overlay.RunUntilReady([newcomer], ScribeWorld.Limit), _world.Seed);
        Serve(newcomer, accepts: true);
        Assert.IsType<AnycastResult.Accepted>(Ask(from: _root));
        Assert.Single(_speaker.Heard.OfType<AnycastSearch>());
    }

    [Fact]
    public void A_member_that_keeps_silent_is_not_asked_again_when_a_search_is_sent_anew()
    {
        Serve(_root, accepts: false, after: TimeSpan.FromMinutes(10));
        _speaker.Join(_root, _group);
        _world.Run(1);
        Ask(from: _root);
        Assert.True(_speaker.Heard.OfType<AnycastSearch>().Count() > 1, "it was not sent anew");
        Assert.Equal(1, _asked);
    }

    [Fact]
    public void A_request_that_its_author_has_not_signed_reaches_nobody()
    {
        Serve(_root, accepts: true);
        var bytes = Request(1).Bytes.ToArray();
        bytes[^3] ^= 1;
        Assert.True(SignedBatch.TryRead(bytes, out var forged));
        Flood(seconds: 1, () => new AnycastSearch(_speaker.Node.Handle, forged!, [], []));
        Assert.Equal(0, _asked);
        Assert.True(CountersOf(_root).Forged > 500);
        Assert.IsType<AnycastResult.Accepted>(Ask());
    }

    [Fact]
    public void Whoever_was_not_asked_answers_nothing()
    {
        Serve(_root, accepts: true, after: TimeSpan.FromSeconds(0.5));
        var client = Other;
        _world.Overlay.Schedule(TimeSpan.FromSeconds(0.1), () =>
        {
            for (var operation = 0UL; operation < 1000; operation++)
            {
                _speaker.Say(client.Handle, new AnycastReply(operation, AnycastOutcome.Accepted, "me"u8.ToArray()));
            }
        });
        Assert.Equal(_root.Handle.Id, Assert.IsType<AnycastResult.Accepted>(Ask(client)).Node);
    }

    [Fact]
    public void Whoever_answers_in_the_stead_of_a_member_is_named_itself()
    {
        Serve(_root, accepts: false);
        _speaker.Join(_root, _group);
        _world.Run(1);
        _speaker.Answer = (_, message) =>
        {
            if (message is AnycastSearch search)
            {
                _speaker.Say(search.Client, new AnycastReply(search.Request.Operation, AnycastOutcome.Accepted, default));
            }

            return null;
        };
        var client = Other;
        Assert.Equal(_speaker.Node.Handle.Id, Assert.IsType<AnycastResult.Accepted>(Ask(client)).Node);
    }

    /// <summary>A node that is neither the rendezvous point nor means no good.</summary>
    private SimulatedNode Other => _world.Overlay.ReadyNodes.First(node => node != _root && node.Modules is [ScribeNode]);

    private static P2P.Scribe.Protocol.ScribeCounters CountersOf(SimulatedNode node) => ScribeWorld.MachineOf(node).Counters;

    /// <summary>Says a thousand things a second to the rendezvous point.</summary>
    private void Flood(int seconds, Func<ScribeMessage> next, Action? everySecond = null)
    {
        for (var i = 0; i < 1000 * seconds; i++)
        {
            _speaker.Say(_root.Handle, next());
            _world.Run(0.001);
            if (i % 1000 == 999)
            {
                everySecond?.Invoke();
            }
        }

        _world.Run(1);
    }

    private AnycastSearch Search(ulong[] visited, NodeHandle[] next, ulong number = 1) => new(_speaker.Node.Handle, Request(number), visited, next);

    private SignedBatch Request(ulong number) => ScribeWorld.Sign(_group, _world.Creator, number, new BatchItem(SystemClass.Anycast, number, "?"u8.ToArray()));

    private AnycastResult Ask(SimulatedNode? from = null)
    {
        var client = from ?? Other;
        return _world.Scribe.Run(() => _world.Scribe.ScribeOf(client).AnycastAsync(_group, "?"u8.ToArray()).AsTask(), ScribeWorld.Limit);
    }

    private void Serve(SimulatedNode node, bool accepts, TimeSpan after = default)
    {
        var joined = _world.Scribe.Run(() => _world.Scribe.ScribeOf(node).JoinAsync(_group, new JoinOptions { TakesAnycasts = true }).AsTask(), ScribeWorld.Limit);
        var member = Assert.IsType<JoinResult.Joined>(joined).Group;
        _world.Scribe.Run(
            () =>
            {
                _ = ServeAsync();
                return Task.CompletedTask;
            },
            ScribeWorld.Limit);

        async Task ServeAsync()
        {
            await foreach (var happened in member.EventsAsync().ConfigureAwait(false))
            {
                if (happened is GroupEvent.Anycast { Request: var request })
                {
                    _asked++;
                    await Task.Delay(after, _world.Overlay.Time).ConfigureAwait(false);
                    if (accepts)
                    {
                        await request.AcceptAsync().ConfigureAwait(false);
                    }
                    else
                    {
                        await request.DeclineAsync().ConfigureAwait(false);
                    }
                }
            }
        }
    }
}
