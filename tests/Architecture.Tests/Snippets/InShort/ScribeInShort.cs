// snippet: scribe-in-short
using System.Text;
using P2P.Pastry;
using P2P.Scribe;
// end of snippet

namespace Architecture.Tests.Snippets.InShort;

/// <summary>The package in a few lines, as README shows it.</summary>
public sealed class ScribeInShort
{
    [Fact]
    public async Task It_runs()
    {
        // snippet: scribe-in-short
        var scribe = new ScribeNode();
        await using var node = await PastryNode.StartAsync(new() { Modules = { scribe } });
        await node.WhenReadyAsync();

        // Whoever has this key may begin the group; everybody may join it by its id.
        using var creator = SigningKey.Create(); // or LoadOrCreate("chat.key")
        if (await scribe.JoinOrCreateAsync("chat", creator) is JoinResult.Joined { Group: var group })
        {
            await group.PublishAsync(Encoding.UTF8.GetBytes("Hello, everybody."));
            await foreach (var happened in group.EventsAsync())
            {
                if (happened is GroupEvent.Received { Message: var message })
                {
                    Console.WriteLine($"{message.Author:s}: {Encoding.UTF8.GetString(message.Content.Span)}");
                    break;
                }
            }
        }
        // end of snippet
    }
}
