using P2P.Pastry;
using QuickStart.Input;
using QuickStart.Report;
using QuickStart.Ring;

namespace QuickStart.Sets;

/// <summary>Lets two nodes find out which chunks of the folder's files the other lacks.</summary>
internal static class SetsChapter
{
    /// <summary>Each side lacks one in so many.</summary>
    private const int LackingOneIn = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<SetFigures> RunAsync(LocalRing ring, InputFolder input, Screen screen, CancellationToken cancellationToken)
    {
        screen.Chapter("Sets (Bloom filters)", "Two nodes have most of the folder's chunks each, and find out by filters what the other lacks.");
        var chunks = await ChunkSet.ReadAsync(input, cancellationToken);
        HashSet<UInt128> left = [.. chunks.Where((_, index) => index % LackingOneIn != 0)];
        HashSet<UInt128> right = [.. chunks.Where((_, index) => index % LackingOneIn != LackingOneIn / 2)];
        var lacking = (2 * chunks.Count) - left.Count - right.Count;
        var list = (long)(left.Count + right.Count) * ChunkSet.NameLength;
        var (one, other) = (ring.Live[0].Probe, ring.Live[1].Probe);
        var reconciliation = new Reconciliation(bytes => CarryAsync(other, one, bytes, cancellationToken), bytes => CarryAsync(one, other, bytes, cancellationToken));
        await screen.RunAsync($"Compared two sets of {left.Count:N0} and {right.Count:N0} chunks", 1, _ => reconciliation.RunAsync(left, right));
        var isEqual = left.SetEquals(right) && left.Count == chunks.Count;
        screen.Result($"{lacking:N0} differences, {reconciliation.Bytes:N0} bytes sent in {reconciliation.Rounds} rounds; the lists alone would be {list:N0} bytes. {(isEqual ? "Both have all now." : "They still DIFFER.")}");
        return new SetFigures(chunks.Count, lacking, reconciliation.Bytes, list, isEqual);
    }

    /// <summary>Sends a message straight from one node to another, and takes it there.</summary>
    private static async Task<ReadOnlyMemory<byte>> CarryAsync(PastryEndpoint from, PastryEndpoint to, byte[] bytes, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        await from.SendAsync(to.Self, bytes, patience.Token);
        try
        {
            await foreach (var delivery in to.DeliveriesAsync(patience.Token))
            {
                if (delivery is { Kind: DeliveryKind.Direct, From: { } sender } && sender.Equals(from.Self))
                {
                    return delivery.Payload.ToArray();
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing has come.
        }

        throw new TimeoutException($"A message from {from.Self} to {to.Self} has not come within {Patience}.");
    }
}

/// <summary>Holds what the chapter has seen.</summary>
internal sealed record SetFigures(int Elements, int Differences, long Bytes, long ListBytes, bool IsEqual);
