// snippet: sealed-notes
using System.Security.Cryptography;
using P2P.Past;
using P2P.Pastry;
// end of snippet

namespace Architecture.Tests.Snippets.Cookbook;

// snippet: sealed-notes
/// <summary>Keeps notes in an archive whose nodes may be anybody's: they hold what they cannot read, and the id of a note is all that one needs to remember.</summary>
public sealed class SealedNotes(IPastStore store, ISigner owner, byte[] key) : IDisposable
{
    private const int NonceLength = 12, TagLength = 16;
    private readonly AesGcm _cipher = new(key, TagLength);

    /// <exception cref="IOException">The archive has no room, or too few nodes answer.</exception>
    public async Task<FileId> WriteAsync(string name, byte[] text, CancellationToken cancellationToken = default)
    {
        var content = ContentSource.FromBytes(Seal(text));
        var result = await store.InsertAsync(name, owner, content, new() { ReplicaCount = 3 }, cancellationToken).ConfigureAwait(false);
        if (result is InsertResult.Indeterminate)
        {
            // Some receipts are missing. Who has answered already is not sent the file again.
            result = await store.ResumeInsertAsync(result.Certificate, content, cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        return result is InsertResult.Stored ? result.FileId : throw new IOException($"'{name}' is not stored: {result}");
    }

    /// <returns>The note, or null where there is none.</returns>
    /// <exception cref="IOException">Those who should hold it do not answer; try again.</exception>
    /// <exception cref="CryptographicException">It is no note, or was sealed under another key.</exception>
    public async Task<byte[]?> ReadAsync(FileId id, CancellationToken cancellationToken = default) =>
        await store.LookupAsync(id, cancellationToken).ConfigureAwait(false) switch
        {
            LookupResult.Found found => Open(await found.File.ReadAllBytesAsync(cancellationToken).ConfigureAwait(false)),
            LookupResult.NotFound => null,
            _ => throw new IOException($"The nodes that should hold {id} do not answer."),
        };

    public void Dispose() => _cipher.Dispose();

    private byte[] Seal(byte[] text)
    {
        var content = new byte[NonceLength + TagLength + text.Length];
        RandomNumberGenerator.Fill(content.AsSpan(0, NonceLength));
        _cipher.Encrypt(content.AsSpan(0, NonceLength), text, content.AsSpan(NonceLength + TagLength), content.AsSpan(NonceLength, TagLength));
        return content;
    }

    private byte[] Open(byte[] content)
    {
        if (content.Length < NonceLength + TagLength)
        {
            throw new CryptographicException($"A file of {content.Length} bytes is no note.");
        }

        var text = new byte[content.Length - NonceLength - TagLength];
        _cipher.Decrypt(content.AsSpan(0, NonceLength), content.AsSpan(NonceLength + TagLength), content.AsSpan(NonceLength, TagLength), text);
        return text;
    }
}
// end of snippet
