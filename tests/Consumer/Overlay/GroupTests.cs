using System.Text;
using P2P.Pastry;
using P2P.Scribe;

namespace Consumer.Overlay;

public sealed class GroupTests
{
    private const int Messages = 30;

    [Fact]
    public async Task All_members_receive_what_several_publish_in_one_order()
    {
        using var patience = new Patience();
        using var creator = SigningKey.Create();
        await using var ring = await Ring<ScribeNode>.StartAsync(3, () => new ScribeNode(), patience);
        Assert.IsType<CreateResult.Created>(await ring.Modules[0].CreateAsync("chat", creator, cancellationToken: patience));
        var groups = new List<IGroup>();
        foreach (var scribe in ring.Modules)
        {
            groups.Add(Assert.IsType<JoinResult.Joined>(await scribe.JoinAsync(GroupId.Compute("chat", creator.PublicKey), cancellationToken: patience)).Group);
        }

        var heard = groups.Select(group => HearAsync(group, patience)).ToList();
        await Task.WhenAll(groups.Select((group, member) => SpeakAsync(group, member, patience)));

        var orders = await Task.WhenAll(heard);
        Assert.Equal(Messages, orders[0].Distinct().Count());
        Assert.All(orders, order => Assert.Equal(orders[0], order));
    }

    private static async Task SpeakAsync(IGroup group, int member, CancellationToken cancellationToken)
    {
        for (var number = 0; number < Messages / 3; number++)
        {
            Assert.IsType<PublishResult.Published>(await group.PublishAsync(Encoding.UTF8.GetBytes($"{member}: {number}"), cancellationToken: cancellationToken));
        }
    }

    private static async Task<IReadOnlyList<string>> HearAsync(IGroup group, CancellationToken cancellationToken) => await group.EventsAsync(cancellationToken)
        .OfType<GroupEvent.Received>().Take(Messages).Select(received => Encoding.UTF8.GetString(received.Message.Content.Span)).ToListAsync(cancellationToken);
}
