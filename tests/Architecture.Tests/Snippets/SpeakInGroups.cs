// snippet: speak-in-groups
using System.Text;
using P2P.Pastry;
using P2P.Scribe;
// end of snippet

namespace Architecture.Tests.Snippets;

internal static class SpeakInGroups
{
    public static async Task ChatAsync()
    {
        // snippet: speak-in-groups
        var scribe = new ScribeNode();
        await using var node = await PastryNode.StartAsync(new()
        {
            Identity = PersistentIdentity.Load("data/identity"),
            Modules = { scribe },
        });
        await node.WhenReadyAsync();

        using var creator = SigningKey.LoadOrCreate("data/chat.key");
        if (await scribe.JoinOrCreateAsync("chat", creator, options: new() { HistoryCount = 20 }) is JoinResult.Joined { Group: var group })
        {
            await group.PublishAsync(Encoding.UTF8.GetBytes("Hello, everybody."));
            await foreach (var happened in group.EventsAsync())
            {
                if (happened is GroupEvent.Received { Message: var message })
                {
                    Console.WriteLine($"{message.Author:s}: {Encoding.UTF8.GetString(message.Content.Span)}");
                }
            }
        }
        // end of snippet
    }

    public static async Task PublishAsync(IGroup group, ReadOnlyMemory<byte> shot, ReadOnlyMemory<byte> position, ulong player)
    {
        // snippet: delivery-classes
        // Every member sees every shot, all in the same order; awaited until it can't be lost any more.
        if (await group.PublishAsync(shot) is PublishResult.Published published)
        {
            Console.WriteLine($"Shot {published.Position}.");
        }

        // Of each player's position, the latest is enough.
        await group.PublishAsync(position, DeliveryClass.Sequenced, key: player);
        // end of snippet
    }

    public static async Task ShareAsync(IScribe scribe, IGroup group, GroupId disks, ReadOnlyMemory<byte> size)
    {
        // snippet: ask-any-member
        // One member near by that has room, out of thousands.
        if (await scribe.AnycastAsync(disks, size) is AnycastResult.Accepted accepted)
        {
            Console.WriteLine($"{accepted.Node} takes it.");
        }

        // Who is asked has joined with TakesAnycasts.
        await foreach (var happened in group.EventsAsync())
        {
            if (happened is GroupEvent.Anycast { Request: var request })
            {
                await request.AcceptAsync();
            }
        }
        // end of snippet
    }

    public static async Task InviteAsync(IScribe scribe, ISigner creator, PublicKey guest, TimeProvider time)
    {
        // snippet: invite
        var policy = new GroupPolicy { Authors = GroupAudience.Invited, MessagesPerSecondMax = 50, Dissemination = Dissemination.Crawling };
        if (await scribe.CreateAsync("announcements", creator, policy) is CreateResult.Created { Certificate: var group })
        {
            // Whoever holds this and the guest's key may publish for a week.
            var capability = await GroupCapability.IssueAsync(creator, group.Id, guest, GroupRights.Publish, time.GetUtcNow().AddDays(7));
            Console.WriteLine(Convert.ToBase64String(capability.Encoded.AsSpan()));
        }
        // end of snippet
    }
}
