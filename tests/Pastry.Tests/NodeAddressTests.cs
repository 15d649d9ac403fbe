using P2P.Pastry;

namespace Pastry.Tests;

public class NodeAddressTests
{
    [Fact]
    public void Hosts_of_a_handle_are_short_enough_for_leaf_sets_of_such_handles()
    {
        var address = new NodeAddress(new string('x', 100), 1);
        Assert.Equal(3, new NodeHandle(new NodeId(1), 1, [address, address, address]).Addresses.Length);
        Assert.Throws<ArgumentException>(() => new NodeHandle(new NodeId(1), 1, [address, address, address, address]));
        Assert.False(NodeAddress.TryParse("bücher.example:1", null, out _));
    }

    [Theory]
    [InlineData("192.0.2.1:4000", "192.0.2.1", 4000)]
    [InlineData("node.example:1", "node.example", 1)]
    [InlineData("[2001:db8::1]:65535", "2001:db8::1", 65535)]
    [InlineData("localhost:0", "localhost", 0)]
    public void Address_is_read_and_shown(string text, string host, int port)
    {
        var address = NodeAddress.Parse(text);
        Assert.Equal(new NodeAddress(host, port), address);
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("host")]
    [InlineData(":4000")]
    [InlineData("[]:4000")]
    [InlineData("host:")]
    [InlineData("host:-1")]
    [InlineData("host:65536")]
    [InlineData("host:4 000")]
    [InlineData("2001:db8::1:4000")]
    [InlineData("[2001:db8::1]")]
    [InlineData("ho st:4000")]
    [InlineData("http://host:4000")]
    [InlineData("a]b:4000")]
    [InlineData("host\n2026 all is well:4000")]
    [InlineData("\u001b[31mhost:4000")]
    public void Text_of_any_other_form_is_refused(string? text) => Assert.False(NodeAddress.TryParse(text, null, out _));

    [Fact]
    public void Host_may_have_255_characters_and_no_more()
    {
        Assert.True(NodeAddress.TryParse(new string('a', 255) + ":1", null, out _));
        Assert.False(NodeAddress.TryParse(new string('a', 256) + ":1", null, out _));
    }
}
