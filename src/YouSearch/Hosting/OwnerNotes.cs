using System.Text.Json;
using P2P.YouSearch.Wire;
using P2P.YouServ;

namespace P2P.YouSearch.Hosting;

/// <summary>Keeps what a site's owner has said: what is recommended, which searches are saved as pages, and of which private folders the registrar may know words. It lies in one small file, which is replaced whole.</summary>
internal sealed class OwnerNotes : IDisposable
{
    public const int RecommendationsMax = 1_000;
    public const int SavedMax = 200;
    public const int AgreedMax = 1_000;

    private readonly string _path;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile NotesView _notes;

    private OwnerNotes(string path, NotesView notes) => (_path, _notes) = (path, notes);

    /// <summary>Tells that the owner has said something else.</summary>
    public event Action? Changed;

    public IReadOnlyList<Recommendation> Recommendations => _notes.Recommendations;

    public IReadOnlyList<SavedSearch> Saved => _notes.Saved;

    /// <summary>Paths of what is private, and of whose words the registrar may know nevertheless.</summary>
    public IReadOnlyList<SitePath> Agreed => _notes.Agreed;

    /// <exception cref="YouSearchException">The file cannot be read.</exception>
    public static OwnerNotes Open(string path)
    {
        try
        {
            return new(path, File.Exists(path) ? NotesView.Read(JsonSerializer.Deserialize(File.ReadAllBytes(path), SearchJson.Default.NotesFile)) : NotesView.Empty);
        }
        catch (Exception failure) when (failure is JsonException or FormatException)
        {
            throw new YouSearchException($"What the owner has noted about searches in {path} cannot be read: {failure.Message} Mend the file, or delete it to begin anew.", failure);
        }
    }

    /// <exception cref="YouSearchException">There are too many.</exception>
    public Task RecommendAsync(Recommendation recommendation, CancellationToken cancellationToken) => ChangeAsync(
        notes => notes.Recommendations.Contains(recommendation) ? notes
            : notes.Recommendations.Count < RecommendationsMax ? notes with { Recommendations = [.. notes.Recommendations, recommendation] }
            : throw new YouSearchException($"You recommend {RecommendationsMax} documents already. Take one back first."),
        cancellationToken);

    public Task UnrecommendAsync(Recommendation recommendation, CancellationToken cancellationToken) =>
        ChangeAsync(notes => notes with { Recommendations = [.. notes.Recommendations.Where(other => other != recommendation)] }, cancellationToken);

    /// <exception cref="YouSearchException">There are too many.</exception>
    public void CheckRoomFor(SitePath page) => CheckRoomFor(_notes, page);

    /// <exception cref="YouSearchException">There are too many.</exception>
    public Task SaveAsync(SavedSearch search, CancellationToken cancellationToken) => ChangeAsync(
        notes =>
        {
            CheckRoomFor(notes, search.Page);
            return notes with { Saved = [.. notes.Saved.Where(other => other.Page != search.Page), search] };
        },
        cancellationToken);

    public Task ForgetAsync(SitePath page, CancellationToken cancellationToken) =>
        ChangeAsync(notes => notes with { Saved = [.. notes.Saved.Where(other => other.Page != page)] }, cancellationToken);

    /// <exception cref="YouSearchException">There are too many.</exception>
    public Task AgreeAsync(SitePath path, bool agrees, CancellationToken cancellationToken) => ChangeAsync(
        notes => !agrees ? notes with { Agreed = [.. notes.Agreed.Where(other => other != path)] }
            : notes.Agreed.Contains(path) ? notes
            : notes.Agreed.Count < AgreedMax ? notes with { Agreed = [.. notes.Agreed, path] }
            : throw new YouSearchException($"There are {AgreedMax} such folders already. Agree for a folder above them."),
        cancellationToken);

    public void Dispose() => _turn.Dispose();

    private static void CheckRoomFor(NotesView notes, SitePath page)
    {
        if (notes.Saved.Count >= SavedMax && notes.Saved.All(other => other.Page != page))
        {
            throw new YouSearchException($"You have saved {SavedMax} searches already. Forget one first.");
        }
    }

    private async Task ChangeAsync(Func<NotesView, NotesView> change, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var notes = change(_notes);
            if (ReferenceEquals(notes, _notes))
            {
                return;
            }

            await WriteAsync(notes, cancellationToken).ConfigureAwait(false);
            _notes = notes;
        }
        finally
        {
            _turn.Release();
        }

        Changed?.Invoke();
    }

    private async Task WriteAsync(NotesView notes, CancellationToken cancellationToken)
    {
        var next = _path + ".new";
        try
        {
            var file = File.Create(next);
            await using (file.ConfigureAwait(false))
            {
                await JsonSerializer.SerializeAsync(file, notes.ToFile(), SearchJson.Default.NotesFile, cancellationToken).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            File.Move(next, _path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new YouSearchException($"What you note about searches cannot be kept in {_path}: {failure.Message}", failure);
        }
    }

    private sealed record NotesView(IReadOnlyList<Recommendation> Recommendations, IReadOnlyList<SavedSearch> Saved, IReadOnlyList<SitePath> Agreed)
    {
        public static NotesView Empty { get; } = new([], [], []);

        /// <exception cref="FormatException">A name or a path in it is none.</exception>
        public static NotesView Read(NotesFile? file) => file is null ? Empty : new(
            [.. file.Recommendations.Select(view => new Recommendation { Query = view.Query, Group = view.Group, Site = SiteName.Parse(view.Site), Path = SitePath.Parse(view.Path) })],
            [.. file.Saved.Select(view => new SavedSearch { Query = view.Query, Page = SitePath.Parse(view.Page), IncludesPrivate = view.IncludesPrivate, SavedAt = view.SavedAt })],
            [.. file.Agreed.Select(SitePath.Parse)]);

        public NotesFile ToFile() => new()
        {
            Recommendations = [.. Recommendations.Select(note => new NotedRecommendation { Query = note.Query, Group = note.Group, Site = note.Site.Value, Path = note.Path.Value })],
            Saved = [.. Saved.Select(note => new NotedSearch { Query = note.Query, Page = note.Page.Value, IncludesPrivate = note.IncludesPrivate, SavedAt = note.SavedAt })],
            Agreed = [.. Agreed.Select(path => path.Value)],
        };
    }
}
