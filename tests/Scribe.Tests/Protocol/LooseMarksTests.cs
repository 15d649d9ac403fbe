using P2P.Pastry;
using P2P.Scribe;
using P2P.Scribe.Protocol;

namespace Scribe.Tests.Protocol;

public sealed class LooseMarksTests
{
    [Fact]
    public void Who_speaks_is_remembered_however_many_others_do()
    {
        var marks = new LooseMarks(authorsMax: 10);
        for (var other = 2UL; other < 1000; other++)
        {
            marks.Add(new NodeId(1), new GroupPosition(1, other));
            marks.Add(new NodeId(other), new GroupPosition(1, 1));
        }

        Assert.Equal(10, marks.Count);
        Assert.True(marks.HasSeen(new NodeId(1), new GroupPosition(1, 999)));
        Assert.False(marks.HasSeen(new NodeId(1), new GroupPosition(1, 1000)));
        Assert.True(marks.HasSeen(new NodeId(992), new GroupPosition(1, 1)));
        Assert.False(marks.HasSeen(new NodeId(2), new GroupPosition(1, 1)));
    }
}
