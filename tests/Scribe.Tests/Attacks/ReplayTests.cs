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
