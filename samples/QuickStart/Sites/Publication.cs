using P2P.YouSearch;
using P2P.YouSearch.Extraction;
using P2P.YouServ;
using QuickStart.Input;

namespace QuickStart.Sites;

/// <summary>
/// Deals the documents of a folder to the people who publish them: files that a search can read, without those whose names begin with a dot, in bounds that keep the tour short.
/// </summary>
internal sealed class Publication
{
    private const int DocumentsMax = 1200;

    private const long BytesMax = 8 << 20;

    private static readonly ExtractionLimits Limits = new() { LengthMax = 512 * 1024 };

    private Publication(IReadOnlyList<Document> documents, int left) => (Documents, Left) = (documents, left);

    /// <summary>All that is published: what is dealt, and a word of welcome at each site.</summary>
    public IReadOnlyList<Document> Documents { get; }

    /// <summary>How many readable files were left out because of the bounds.</summary>
    public int Left { get; }

    /// <summary>Reads the documents of a folder, and deals them in turn.</summary>
    public static async Task<Publication> ReadAsync(InputFolder input, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var documents = names.Select(name => new Document(name, $"{Resident.Shared}/welcome.txt", null, $"Somebody called {name} serves this site.\n")).ToList();
        var bytes = 0L;
        var left = 0;
        foreach (var file in input.Files)
        {
            if (!SitePath.TryParse($"{Resident.Shared}/files/{file.Name}", out var path) || path.IsHidden
                || TextExtractors.Default.FirstOrDefault(extractor => extractor.Reads(path.Name)) is not { } extractor)
            {
                continue;
            }

            if (documents.Count == DocumentsMax || file.Length > Limits.LengthMax || bytes + file.Length > BytesMax)
            {
                left++;
                continue;
            }

            if (await TryReadAsync(extractor, file, path, cancellationToken) is { } text)
            {
                documents.Add(new(names[documents.Count % names.Count], path.Value, file, text));
                bytes += file.Length;
            }
        }

        return new(documents, left);
    }

    /// <summary>Copies into somebody's site what is dealt to it, and writes a diary.</summary>
    public async Task MoveInAsync(string name, string site, string diary)
    {
        await File.WriteAllTextAsync(Path.Combine(site, Resident.Diary), diary);
        foreach (var document in Documents.Where(document => document.Owner == name))
        {
            var path = Path.Combine(site, document.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await using var source = document.Open();
            await using var target = File.Create(path);
            await source.CopyToAsync(target);
        }
    }

    /// <summary>Gives what the search reads in a file; null where it can't, or only a part.</summary>
    private static async Task<string?> TryReadAsync(ITextExtractor extractor, InputFile file, SitePath path, CancellationToken cancellationToken)
    {
        try
        {
            await using var content = file.Open();
            var extracted = await extractor.ExtractAsync(content, path.Name, Limits, cancellationToken);
            return extracted.IsCut ? null : $"{extracted.Title}\n{extracted.Text}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return null;
        }
    }
}

/// <summary>Is one document that somebody publishes.</summary>
/// <param name="Owner">Whose site it is in.</param>
/// <param name="Path">Where it is in the site.</param>
/// <param name="File">The file that it is a copy of; null where the text is all there is.</param>
/// <param name="Text">What a search reads in it.</param>
internal sealed record Document(string Owner, string Path, InputFile? File, string Text)
{
    /// <summary>Whether it comes from the folder.</summary>
    public bool IsInput => File is not null;

    public Stream Open() => File?.Open() ?? new MemoryStream(System.Text.Encoding.UTF8.GetBytes(Text), writable: false);
}
