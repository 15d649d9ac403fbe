using System.Net;
using QuickStart.Report;

namespace QuickStart.Sites;

/// <summary>Lets people publish the folder's documents from machines of their own, and reads them by name.</summary>
internal static class SitesChapter
{
    private const int Together = 8;

    public static readonly IReadOnlyList<string> Names = ["alice", "bob", "carol"];

    /// <summary>Starts the coordinator and the peers.</summary>
    public static async Task<Village> StartAsync(string folder, Publication publication, string diary, Screen screen, CancellationToken cancellationToken)
    {
        screen.Chapter("Sites (YouServ)", "Everyone serves their own site from their own machine. A coordinator signs them in, and lets names point there.");
        Village? village = null;
        await screen.RunAsync(
            $"{string.Join(", ", Names)} signed in and publish {publication.Documents.Count:N0} documents",
            1,
            async _ => village = await Village.StartAsync(folder, Names, (name, site) => publication.MoveInAsync(name, site, diary), cancellationToken));
        if (publication.Left > 0)
        {
            screen.Result($"{publication.Left:N0} more were left out, to keep this short.");
        }

        return village!;
    }

    public static async Task<SiteFigures> VisitAsync(Village village, Publication publication, Screen screen, CancellationToken cancellationToken)
    {
        using var visitor = new SiteVisitor(village.Dns);
        var owners = village.Residents.ToDictionary(resident => resident.Name);
        var wrong = 0;
        var time = await screen.RunAsync($"Read all of them by name, such as {owners[Names[0]].Peer.Status.Url}", publication.Documents.Count, async report =>
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = Together, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(publication.Documents, options, async (document, token) =>
            {
                var bytes = await visitor.ReadAsync(owners[document.Owner].AddressOf(document.Path), token);
                var published = await ReadAsync(document, token);
                if (!bytes.AsSpan().SequenceEqual(published))
                {
                    Interlocked.Increment(ref wrong);
                }

                report(1);
            });
        });
        screen.Result($"{publication.Documents.Count / time.TotalSeconds:N0} documents/s; {(wrong == 0 ? "every byte is what was published" : $"{wrong} were NOT what was published")}.");
        var isClosed = true;
        foreach (var resident in village.Residents)
        {
            isClosed &= await visitor.StatusAsync(resident.AddressOf(Resident.Diary), cancellationToken) == HttpStatusCode.Unauthorized;
        }

        screen.Result(isClosed ? "Diaries, which nobody has opened to others, ask who has not signed in to do so." : "A diary was given to somebody who has not signed in!");
        return new SiteFigures(village.Residents.Count, publication.Documents.Count, publication.Documents.Count / time.TotalSeconds, wrong == 0, isClosed);
    }

    private static async Task<byte[]> ReadAsync(Document document, CancellationToken cancellationToken)
    {
        await using var content = document.Open();
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }
}

/// <summary>Holds what the chapter has seen.</summary>
internal sealed record SiteFigures(int Sites, int Documents, double DocumentsPerSecond, bool IsEqual, bool IsClosed);
