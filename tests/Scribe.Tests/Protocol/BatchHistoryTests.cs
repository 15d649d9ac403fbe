using P2P.Pastry;
using P2P.Pastry.Simulation;
using P2P.Scribe;
using P2P.Scribe.Protocol;
using P2P.Scribe.Wire;
using Scribe.Tests.Simulation;

namespace Scribe.Tests.Protocol;

public sealed class BatchHistoryTests
{
    private static readonly SigningKey Author = new PastrySimulation(new PastrySimulationOptions { Seed = 1 }).NextKey();

    [Fact]
    public void What_an_epoch_has_taken_back_makes_room_for_what_it_puts_there()
    {
        var history = new BatchHistory(countMax: 100, TimeSpan.FromHours(1));
        for (var number = 1UL; number <= 4; number++)
        {
            Assert.True(history.Add(Batch(epoch: 1, number), default));
        }

        history.Truncate(3);
        Assert.Equal((1UL, 3UL), (history.First, history.End));
        for (var number = 3UL; number <= 4; number++)
        {
            Assert.True(history.Add(Batch(epoch: 2, number), default));
            Assert.Equal(new GroupPosition(2, number), history.Find(number)?.Position);
        }
    }

    private static BatchMessage Batch(uint epoch, ulong number) => new(
        ScribeMessageKind.Batch,
        ScribeWorld.Sign(GroupId.FromBytes(new byte[16]), Author, number, new BatchItem(DeliveryClass.Ordered, 0, new byte[1])),
        new GroupPosition(epoch, number),
        epochStart: 1,
        isReplay: false);
}
