using P2P.Past;
using P2P.Past.Protocol;
using P2P.Pastry;

namespace Past.Tests.Protocol;

public class TransferTableTests
{
    private static readonly NodeId One = NodeId.FromText("one");
    private static readonly NodeId Other = NodeId.FromText("other");

    [Fact]
    public void Entries_of_one_peer_push_out_none_of_another()
    {
        var table = new TransferTable(max: 10, peerMax: 8, TimeSpan.FromMinutes(5));
        table.Add(Other, File(0), default);
        for (var i = 1; i <= 100; i++)
        {
            table.Add(One, File(i), default);
        }

        Assert.Equal((8, 1, 9), (table.CountOf(One), table.CountOf(Other), table.Count));
        Assert.True(table.Take(Other, File(0), default));
        Assert.False(table.Take(Other, File(0), default));
        Assert.False(table.Take(One, File(92), default));
        Assert.True(table.Take(One, File(93), default));
    }

    [Fact]
    public void At_the_common_bound_who_has_the_most_loses_its_oldest()
    {
        var table = new TransferTable(max: 10, peerMax: 8, TimeSpan.FromMinutes(5));
        for (var i = 0; i < 8; i++)
        {
            table.Add(One, File(i), default);
        }

        for (var i = 0; i < 4; i++)
        {
            table.Add(Other, File(i), default);
        }

        Assert.Equal((6, 4, 10), (table.CountOf(One), table.CountOf(Other), table.Count));
        Assert.False(table.Take(One, File(1), default));
        Assert.True(table.Take(One, File(2), default));
    }

    [Fact]
    public void Entries_end_and_those_made_anew_end_later()
    {
        var table = new TransferTable(max: 10, peerMax: 8, TimeSpan.FromMinutes(5));
        table.Add(One, File(0), default);
        table.Add(One, File(1), default);
        table.Add(One, File(0), Instant.Zero + TimeSpan.FromMinutes(3));
        table.Forget(Instant.Zero + TimeSpan.FromMinutes(6));
        Assert.Equal(1, table.Count);
        Assert.True(table.Take(One, File(0), Instant.Zero + TimeSpan.FromMinutes(6)));
        Assert.Equal(0, table.Count);
    }

    private static FileId File(int number) => FileId.FromBytes([.. new byte[19], (byte)number]);
}
