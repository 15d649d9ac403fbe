using P2P.Pastry;
using P2P.Pastry.Transport;
using P2P.Pastry.Wire;
using Pastry.Tests.Wire;

namespace Pastry.Tests.Hosting;

/// <summary>Malformed messages cost their sender more than the node that gets them.</summary>
public sealed class MalformedTests : IDisposable
{
    private static readonly byte[] Malformed = [MessageFormat.Version, (byte)MessageKind.Lease, 0, 2, 0, 0, 0, 0, 0xC1];
    private static readonly byte[] OfLater = [MessageFormat.Version, 77, 0, 2, 0, 0, 0, 0];

    private readonly InMemoryNetwork _network = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));

    public void Dispose() => _limit.Dispose();

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    [InlineData(1000, false)]
    public async Task After_a_few_the_rest_of_what_was_read_with_them_is_dropped_and_counted(int malformed, bool isHeard) =>
        await HearAsync([.. Enumerable.Repeat(Malformed, malformed)], isHeard);

    [Fact]
    public async Task Kinds_of_later_releases_are_only_skipped() => await HearAsync([.. Enumerable.Repeat(OfLater, 1000)], isHeard: true);

    /// <summary>Lets a node read these and a message behind them, and tells whether that was heard.</summary>
    private async Task HearAsync(byte[][] before, bool isHeard)
    {
        await using var node = await PastryNode.StartAsync(new() { Transport = _network.CreateTransport }, _limit.Token);
        var stranger = Nodes.At(5);
        byte[][] messages = [.. before, Bytes.Of(Message.Control(MessageKind.LeafSetProbe, 1, new LeafSetBody([], [])))];
        var batch = MessageBatch.Rent(messages.Sum(message => message.Length));
        var length = 0;
        foreach (var message in messages)
        {
            message.CopyTo(batch.Buffer, length);
            batch.Add(stranger, length, message.Length);
            length += message.Length;
        }

        await node.ReceiveAsync(batch, _limit.Token);

        var (unknown, isMember) = await node.QueryAsync((machine, _) => (machine.Counters.UnknownMessages, machine.LeafSet.Contains(stranger.Id)), _limit.Token);
        Assert.Equal(isHeard, isMember);
        Assert.Equal(before.Length + (isHeard ? 0 : 1), unknown);
    }
}
