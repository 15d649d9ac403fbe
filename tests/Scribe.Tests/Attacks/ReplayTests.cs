using P2P.Pastry;
using P2P.Scribe;
using P2P.Scribe.Wire;
using Scribe.Tests.Simulation;

namespace Scribe.Tests.Attacks;

/// <summary>What was signed once says no more a second time, and costs its author nothing.</summary>
public sealed class ReplayTests
{
    [Fact]
    public void Old_values_that_somebody_publishes_again_reach_nobody_and_are_not_counted_against_their_author()
    {
        var world = new ScribeWorld(20, seed: 191);
        var group = world.Create("values", new GroupPolicy { MessagesPerSecondMax = 10 }).Id;
        var root = world.RootOf(group);
        var atRoot = world.Join(group, root);
        var author = world.Join(group);
        var speaker = Speaker.In(world);
        speaker.Join(root, group);
        world.Run(1);
        Assert.IsType<PublishResult.Sent>(world.Publish(author, "old", DeliveryClass.Sequenced, key: 1));
        world.Run(1);
        Assert.IsType<PublishResult.Sent>(world.Publish(author, "new", DeliveryClass.Sequenced, key: 1));
        world.Run(5);
        var old = speaker.Heard.OfType<BatchMessage>().First(message => message.Kind == ScribeMessageKind.Batch);
        for (var i = 0; i < 300; i++)
        {
            speaker.Say(root.Handle, new BatchMessage(ScribeMessageKind.Publication, old.Batch, default, 0, isReplay: false));
            world.Run(0.01);
        }

        Assert.IsType<PublishResult.Sent>(world.Publish(author, "newest", DeliveryClass.Sequenced, key: 1));
        Assert.IsType<PublishResult.Published>(world.Publish(author, "said"));
        world.Run(5);
        Assert.Equal(["old", "new", "newest"], atRoot.Loose);
        Assert.Equal(["old", "new", "newest"], author.Loose);
        Assert.Equal(["said"], author.Ordered);
    }

    [Theory]
    [InlineData(194)]
    [InlineData(195)]
    public void What_an_author_has_said_whom_many_others_have_made_forgotten_can_not_be_said_again_but_by_itself(ulong seed)
    {
        var world = new ScribeWorld(12, seed);
        var group = world.Create("crowded", new GroupPolicy { HistoryCount = 10 }).Id;
        var root = world.RootOf(group);
        var author = world.Join(group, world.Overlay.ReadyNodes.First(node => node != root));
        var speaker = Speaker.In(world);
        speaker.Join(root, group);
        world.Run(1);
        Assert.IsType<PublishResult.Published>(world.Publish(author, "0"));
        Assert.IsType<PublishResult.Published>(world.Publish(author, "1"));
        world.Run(1);
        var said = speaker.Heard.OfType<BatchMessage>().Where(message => message.Kind == ScribeMessageKind.Batch).ToArray();
        Assert.Equal(2, said.Length);
        var life = said[0].Batch.AuthorPosition.Epoch;
        for (var i = 0; i < 1100; i++)
        {
            using var key = SigningKey.Create();
            var other = ScribeWorld.Sign(group, key, number: 1, new BatchItem(DeliveryClass.Ordered, 0, "x"u8.ToArray()), life);
            speaker.Say(root.Handle, new BatchMessage(ScribeMessageKind.Publication, other, default, 1, isReplay: false));
            world.Run(0.02);
        }

        foreach (var batch in said)
        {
            speaker.Say(root.Handle, new BatchMessage(ScribeMessageKind.Publication, batch.Batch, default, batch.Batch.AuthorPosition.Number, isReplay: false));
        }

        world.Run(5);
        Assert.Equal(["0", "1"], author.Ordered.Where(text => text != "x"));

        // The next rendezvous point has not forgotten that it has forgotten.
        root.Crash();
        world.Run(10);
        foreach (var node in world.Overlay.Nodes.Where(node => node.IsUp && node != speaker.Node))
        {
            speaker.Say(node.Handle, new BatchMessage(ScribeMessageKind.Publication, said[0].Batch, default, 1, isReplay: false));
        }

        world.Run(5);
        world.Scribe.Run(() => Task.WhenAll(Enumerable.Range(2, 8).Select(i => author.Group.PublishAsync(System.Text.Encoding.UTF8.GetBytes($"{i}")).AsTask())), ScribeWorld.Limit);
        Assert.IsType<PublishResult.Published>(world.Publish(author, "10"));
        world.Run(5);
        Assert.Equal(Enumerable.Range(0, 11).Select(i => $"{i}"), author.Ordered.Where(text => text != "x"));
    }

    [Fact]
    public void A_child_that_asks_again_and_again_gets_no_more_than_its_share()
    {
        var world = new ScribeWorld(20, seed: 193);
        var group = world.Create("long").Id;
        var root = world.RootOf(group);
        var author = world.Join(group, root);
        var speaker = Speaker.In(world);
        speaker.Join(root, group);
        world.Run(1);
        speaker.Answer = (_, message) => message is FlowMark { IsAnswer: false } mark ? new FlowMark(mark.Group, mark.Mark, isAnswer: true) : null;
        var text = new string('x', 20_000);
        for (var i = 0; i < 60; i++)
        {
            Assert.IsType<PublishResult.Published>(world.Publish(author, text));
        }

        world.Run(2);
        speaker.Heard.Clear();
        for (var i = 0; i < 1000; i++)
        {
            speaker.Say(root.Handle, new ReplayRequest(group, default, 1, 128));
            world.Run(0.002);
        }

        var bytes = speaker.Heard.OfType<BatchMessage>().Sum(message => (long)message.EncodedLengthMax);

        // Two seconds' share, what may come at once, and where a batch went beyond it.
        Assert.InRange(bytes, 1, (64 + 2 * 32 + 16) * 256L * 1024);
    }
}
