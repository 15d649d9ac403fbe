using System.Buffers.Binary;
using P2P.Scribe;
using P2P.Scribe.Wire;
using Scribe.Tests.Simulation;

namespace Scribe.Tests.Attacks;

/// <summary>Who asks for more than its share gets that, and others get theirs.</summary>
public sealed class FloodTests
{
    [Theory]
    [InlineData(211)]
    [InlineData(212)]
    public void A_neighbour_that_asks_for_all_places_in_trees_leaves_others_some(ulong seed)
    {
        const int GroupsMax = 100;
        var world = new ScribeWorld(8, seed, options => options with { Scribe = options.Scribe with { GroupsMax = GroupsMax } });
        var speaker = Speaker.In(world);
        var victim = world.Overlay.ReadyNodes.First(node => node.Modules is [ScribeNode]);
        var machine = ScribeWorld.MachineOf(victim);

        // Who takes none of its children keeps them waiting.
        speaker.Answer = (_, message) => message is JoinRequest { Entries: var asked }
            ? new JoinReply([.. asked.Select(entry => JoinReply.Entry.Of(entry.Group, entry.Nonce, JoinOutcome.Waiting))])
            : null;
        for (var i = 0; i < 4 * GroupsMax; i++)
        {
            speaker.Join(victim, AnyGroup(i));
        }

        for (var i = 0; i < 100; i++)
        {
            world.Run(0.01);
            Assert.True(machine.Groups.Count <= GroupsMax / 2, $"{world.Seed}: {machine.Groups.Count} groups");
        }

        Assert.True(machine.Counters.TooManyGroups > GroupsMax, $"{world.Seed}: {machine.Counters.TooManyGroups} were refused");
        world.Join(world.Create("honest").Id, victim);
    }

    [Theory]
    [InlineData(213)]
    [InlineData(214)]
    public void Requests_for_groups_that_there_are_not_do_not_fill_a_node(ulong seed)
    {
        var world = new ScribeWorld(1, seed);
        var victim = world.Overlay.ReadyNodes.Single();
        var machine = ScribeWorld.MachineOf(victim);
        var speaker = Speaker.In(world);
        speaker.Answer = (_, message) => message is RootClaim claim ? new RootPromise(claim.Group, claim.Nonce, isGranted: true, certificate: null, default) : null;
        for (var i = 0; i < 100; i++)
        {
            speaker.Say(victim.Handle, new JoinRequest([.. Enumerable.Range(64 * i, 64).Select(number => new JoinRequest.Entry(AnyGroup(number), Nonce: 1, HasCertificate: false, Capability: null, HistoryAge: default))]));
        }

        var most = 0;
        for (var i = 0; i < 1000; i++)
        {
            world.Run(0.01);
            most = Math.Max(most, machine.ClaimCount);
        }

        Assert.Equal(1024, most);
        Assert.True(machine.Counters.TooManyGroups > 100, $"{world.Seed}: {machine.Counters.TooManyGroups} were put off");
        Assert.Equal(0, machine.ClaimCount);
        speaker.Node.Crash();
        world.Run(60);
        world.Join(world.Create("honest").Id, victim);
    }

    private static GroupId AnyGroup(int number)
    {
        var bytes = new byte[GroupId.ByteLength];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)number * 2_654_435_761);
        return GroupId.FromBytes(bytes);
    }
}
