using System.Text;
using P2P.Pastry;
using P2P.Scribe;

namespace NativeSmoke;

/// <summary>Has two members speak, and both hear everything in the same order.</summary>
internal static class GroupStep
{
    private const int Messages = 20;

    public static async Task RunAsync(Workplace workplace)
    {
        var scribes = (ScribeNode[])[new(), new()];
        await using var first = await workplace.StartNodeAsync(scribes[0]);
        await using var second = await workplace.StartNodeAsync(scribes[1], first);
        using var creator = SigningKey.Create();
        var groups = new List<IGroup>();
        foreach (var scribe in scribes)
        {
            groups.Add(((JoinResult.Joined)await scribe.JoinOrCreateAsync("natives", creator, cancellationToken: workplace.Limit)).Group);
        }

        var heard = groups.Select(group => HearAsync(group, workplace.Limit)).ToList();
        for (var number = 0; number < Messages; number++)
        {
            Claims.Hold(await groups[number % 2].PublishAsync(Encoding.UTF8.GetBytes($"{number}"), cancellationToken: workplace.Limit) is PublishResult.Published);
        }

        var texts = await Task.WhenAll(heard);
        Claims.Hold(texts[0].SequenceEqual(Enumerable.Range(0, Messages).Select(number => $"{number}")));
        Claims.Hold(texts[1].SequenceEqual(texts[0]));
    }

    private static async Task<List<string>> HearAsync(IGroup group, CancellationToken cancellationToken)
    {
        var texts = new List<string>();
        await foreach (var happened in group.EventsAsync(cancellationToken))
        {
            if (happened is GroupEvent.Received { Message: var message })
            {
                texts.Add(Encoding.UTF8.GetString(message.Content.Span));
                if (texts.Count == Messages)
                {
                    break;
                }
            }
        }

        return texts;
    }
}
