using P2P.Pastry.Simulation;
using P2P.Scribe;
using P2P.Scribe.Simulation;

namespace Scribe.Tests.Hosting;

public sealed class AttachTests
{
    [Fact]
    public void A_second_node_refuses_a_module_that_belongs_to_one_already_and_says_what_to_do()
    {
        var (overlay, scribe) = (new PastrySimulation(), new ScribeNode());
        overlay.AddNode([scribe], key: null);
        var refused = Assert.Throws<InvalidOperationException>(() => overlay.AddNode([scribe], key: null));
        Assert.Equal("This ScribeNode belongs to a node already: make one for each node.", refused.Message);
    }

    [Fact]
    public async Task A_module_that_belongs_to_no_node_says_what_to_do()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(async () => await new ScribeNode().JoinAsync(default));
        Assert.Equal("ScribeNode belongs to no node yet: put it into PastryNodeOptions.Modules and start the node.", refused.Message);
    }

    [Fact]
    public void A_node_that_has_stopped_says_so_in_the_packages_own_words()
    {
        var world = new ScribeSimulation();
        Assert.True(world.Grow(1));
        var node = world.Overlay.Nodes[0];
        var scribe = world.ScribeOf(node);
        node.Crash();
        var refused = Assert.Throws<ScribeException>(() => world.Run(() => scribe.JoinAsync(default).AsTask(), TimeSpan.FromMinutes(1)));
        Assert.Equal("The node has stopped.", refused.Message);
    }
}
