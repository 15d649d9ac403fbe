using P2P.Past;
using P2P.Pastry;

namespace Architecture.Tests.Snippets;

internal static class InsertOutcomes
{
    public static async Task RunAsync(IPastStore past, ISigner owner, CancellationToken cancellationToken)
    {
        // snippet: insert-outcomes
        var content = ContentSource.FromFile("film.mkv");
        var result = await past.InsertAsync("film.mkv", owner, content, new() { ReplicaCount = 5 }, cancellationToken);
        while (result is InsertResult.Indeterminate && !cancellationToken.IsCancellationRequested)
        {
            // Nodes that hold the file already answer with a receipt and are not sent it again.
            result = await past.ResumeInsertAsync(result.Certificate, content, cancellationToken: cancellationToken);
        }

        Console.WriteLine(result switch
        {
            InsertResult.Stored => $"{result.FileId} has {result.Receipts.Length} signed receipts.",
            InsertResult.Refused refused => $"{refused.By} refused: {refused.Reason}.",
            _ => "Given up; the certificate resumes the insert later.",
        });
        // end of snippet

        // snippet: reclaim
        if (await past.ReclaimAsync(result.FileId, owner, cancellationToken) is ReclaimResult.Reclaimed reclaimed)
        {
            Console.WriteLine($"{reclaimed.Receipts.Length} nodes have given the file up.");
        }
        // end of snippet
    }
}
