using P2P.Pastry;
using P2P.Pastry.Protocol;

namespace Pastry.Tests.Fuzz;

/// <summary>What holds of a node's machine after each input, whatever that was.</summary>
internal sealed class MachineInvariants(PastryMachine machine, PastryOptions options)
{
    /// <summary>The most timers that one input sets: one of each kind, and one for each life that a deadline had in the step.</summary>
    public const int TimersMax = 32;

    private int _checks;

    /// <summary>
    /// The most messages that one input may cause: what waits is moved on, the tables and what others name are asked, and each neighbour is
    /// told a few things.
    /// </summary>
    public int MessagesMax(int waitedBefore) =>
        waitedBefore + machine.HeldCount + machine.PendingCount + 2 * Known + 9 * (options.LeafSetSize + 1) + 16;

    public int Waiting => machine.HeldCount + machine.PendingCount;

    private int Known => machine.LeafSet.Members.Length + machine.Table.Count;

    public void Check()
    {
        CheckSide(machine.LeafSet.Clockwise, id => machine.Self.Id.ClockwiseTo(id));
        CheckSide(machine.LeafSet.Counterclockwise, id => id.ClockwiseTo(machine.Self.Id));
        CheckMembers();
        if (_checks++ % 8 == 0)
        {
            // It is large, and a wrong entry stays.
            CheckTable();
        }

        CheckNeighborhood();
        Assert.InRange(machine.HeldCount, 0, options.HeldMessagesMax);
        Assert.InRange(machine.PendingCount, 0, options.PendingHopsMax);
        // A verdict on each suspect is under way.
        Assert.InRange(machine.Suspects.Count, 0, machine.ProbeCount);
        Assert.InRange(machine.ProbeCount, 0, 2 * Known + 9 * (options.LeafSetSize + 1));
        Assert.False(machine.IsReady && (!machine.IsJoined || machine.HasLeft || machine.IsIsolated));
    }

    /// <summary>Says whether a message for a key may be delivered now.</summary>
    public bool MayDeliver(NodeId key, Instant now) =>
        machine.IsReady && machine.MayDeliverFrom(key, now) <= now && machine.LeafSet.Members.All(member => !member.Id.IsCloserTo(key, machine.Self.Id));

    private void CheckSide(ReadOnlySpan<NodeHandle> side, Func<NodeId, UInt128> distance)
    {
        Assert.InRange(side.Length, 0, options.LeafSetSize / 2);
        var before = UInt128.Zero;
        foreach (var node in side)
        {
            Assert.True(distance(node.Id) > before, "A side of the leaf set is out of order, or has a node twice or its owner.");
            before = distance(node.Id);
        }
    }

    private void CheckMembers()
    {
        var members = machine.LeafSet.Members;
        Assert.Equal(members.Length, members.Select(member => member.Id).Distinct().Count());
        Assert.All(members, member => Assert.Same(member, machine.LeafSet.Find(member.Id)));
        Assert.Equal(members.Length == 0, machine.LeafSet.Left is null);
        Assert.Equal(members.Length == 0, machine.LeafSet.Right is null);
    }

    private void CheckTable()
    {
        var (table, count) = (machine.Table, 0);
        Assert.InRange(table.RowCount, 0, 128 / options.BitsPerDigit + 1);
        for (var row = 0; row < table.RowCount; row++)
        {
            var slots = table.Slots(row);
            for (var column = 0; column < slots.Length; column++)
            {
                if (slots[column].Node is { } node)
                {
                    count++;
                    Assert.NotEqual(machine.Self.Id, node.Id);
                    Assert.Equal(row, machine.Self.Id.SharedDigits(node.Id, options.BitsPerDigit));
                    Assert.Equal(column, node.Id.Digit(row, options.BitsPerDigit));
                }
            }
        }

        Assert.Equal(count, table.Count);
    }

    private void CheckNeighborhood()
    {
        var members = machine.Neighborhood.Members;
        Assert.InRange(members.Length, 0, options.NeighborhoodSize);
        var ids = new HashSet<NodeId> { machine.Self.Id };
        foreach (var member in members)
        {
            Assert.True(ids.Add(member.Id), "A node is near twice.");
        }
    }
}
