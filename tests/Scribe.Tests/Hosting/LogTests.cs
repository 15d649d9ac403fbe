using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using P2P.Scribe;
using P2P.Scribe.Protocol;
using Scribe.Tests.Simulation;

namespace Scribe.Tests.Hosting;

/// <summary>Whoever runs a node reads in its log what the node has become, whom it has lost, and what it refuses.</summary>
public sealed class LogTests : IDisposable
{
    private readonly LogBook _log = new();
    private readonly ScribeWorld _world;

    public LogTests() => _world = new ScribeWorld(40, seed: 181, options => options with { LoggerFactory = _log });

    public void Dispose() => _log.Dispose();

    [Fact]
    public void A_node_says_that_it_is_a_rendezvous_point_and_that_it_has_taken_over()
    {
        var group = _world.Create("group").Id;
        _world.JoinMany(group, 10);
        Assert.Equal($"The group {group} has begun, and this node is its rendezvous point.", Assert.Single(_log.Of(4100)));
        _world.RootOf(group).Crash();
        _world.Run(30);
        Assert.Equal($"This node has taken over as the rendezvous point of {group}, in epoch 2.", Assert.Single(_log.Of(4101)));
    }

    [Fact]
    public void Nodes_say_whom_they_have_lost_and_where_they_hang()
    {
        var group = _world.Create("group").Id;
        _world.JoinMany(group, 20);
        var before = _log.Of(4104).Length;
        var parent = _world.Overlay.Nodes.First(node => node != _world.RootOf(group) && ScribeWorld.MachineOf(node).Groups.Any(state => state.Children.Count > 0));
        parent.Crash();
        _world.Run(30);
        Assert.Contains("A node does not answer any more that was this node's parent in 1 trees; others are asked.", _log.Of(4103));
        Assert.Contains("A node does not answer any more that was this node's child in 1 trees; it is let go.", _log.Of(4106));
        Assert.True(_log.Of(4104).Length > before);
    }

    [Fact]
    public void Of_a_flood_of_what_is_refused_there_is_a_line_in_some_seconds()
    {
        var group = _world.Create("calm", new GroupPolicy { MessagesPerSecondMax = 10 }).Id;
        var member = _world.Join(group);
        for (var i = 0; i < 1000; i++)
        {
            _world.Scribe.Run(
                () =>
                {
                    _ = member.Group.PublishAsync(new byte[1], DeliveryClass.BestEffort).AsTask();
                    return Task.CompletedTask;
                },
                ScribeWorld.Limit);
            _world.Run(0.01);
        }

        _world.Run(10);
        Assert.InRange(_log.Of(4107).Length, 1, 6);
        Assert.All(_log.Of(4107), line => Assert.EndsWith("were refused in the last seconds: RateExceeded.", line));
    }

    [Fact]
    public void No_line_for_everybody_names_a_member_or_what_it_says()
    {
        var group = _world.Create("secret").Id;
        _world.JoinMany(group, 10);
        foreach (var member in _world.Members)
        {
            _world.Publish(member, "treasure");
        }

        _world.RootOf(group).Crash();
        _world.Run(30);
        Assert.NotEmpty(_log.Lines);
        foreach (var (_, _, text) in _log.Lines.Where(line => line.Level >= LogLevel.Information))
        {
            Assert.DoesNotContain("treasure", text);
            Assert.All(_world.Overlay.Nodes, node => Assert.DoesNotContain($"{node.Handle.Id:s}", text));
        }
    }

    [Fact]
    public void A_parent_that_does_wrong_is_named()
    {
        var parent = _world.Overlay.Nodes[0].Handle;
        _log.Note(new ParentDistrusted(GroupId.Compute("group", _world.Creator.PublicKey), parent));
        Assert.StartsWith($"Node {parent} did not pass on what it should in ", Assert.Single(_log.Of(4105)));
    }

    private sealed class LogBook : ILoggerFactory, ILogger
    {
        private readonly ConcurrentQueue<(int Id, LogLevel Level, string Text)> _lines = [];

        public IEnumerable<(int Id, LogLevel Level, string Text)> Lines => _lines;

        public string[] Of(int id) => [.. _lines.Where(line => line.Id == id).Select(line => line.Text)];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue((eventId.Id, logLevel, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
