namespace P2P.YouSearch.Extraction;

/// <summary>Reads documents on a thread that may wait, and gives up when the time is over.</summary>
internal abstract class DocumentExtractor : ITextExtractor
{
    public abstract bool Reads(string fileName);

    public async ValueTask<ExtractedText> ExtractAsync(Stream content, string fileName, ExtractionLimits limits, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(fileName);
        ArgumentNullException.ThrowIfNull(limits);
        await (Gate?.WaitAsync(cancellationToken) ?? Task.CompletedTask).ConfigureAwait(false);
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (limits.TimeMax > TimeSpan.Zero)
        {
            time.CancelAfter(limits.TimeMax);
        }
        else
        {
            await time.CancelAsync().ConfigureAwait(false);
        }

        try
        {
            return await Task.Run(() => ReadAsync(content, fileName, limits, time.Token), time.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidDataException($"Reading {fileName} took longer than {limits.TimeMax.TotalSeconds:0} s.");
        }
        finally
        {
            Gate?.Release();
        }
    }

    /// <summary>Bounds how many documents are read at the same time; null if nothing does. Time begins behind it.</summary>
    protected virtual SemaphoreSlim? Gate => null;

    /// <summary>Gives the extension of a file's name in lower case, without a dot; empty if it has none.</summary>
    protected static string ExtensionOf(string fileName) => Path.GetExtension(fileName).TrimStart('.').ToLowerInvariant();

    /// <summary>Reads a document.</summary>
    protected abstract Task<ExtractedText> ReadAsync(Stream content, string fileName, ExtractionLimits limits, CancellationToken cancellationToken);

    /// <summary>Refuses a document that is longer than may be read.</summary>
    protected static void CheckLength(Stream content, ExtractionLimits limits)
    {
        if (content.Length > limits.LengthMax)
        {
            throw new InvalidDataException($"The document has {content.Length} bytes, more than the {limits.LengthMax} that are read.");
        }
    }
}
