using System.Buffers;
using MessagePack;
using P2P.Pastry.Wire;

namespace P2P.Pastry;

/// <summary>
/// Remembers peers in a file that only its owner may read. The file is replaced as a whole: after a crash it is the old one or the new one.
/// </summary>
/// <remarks>The file is a MessagePack array: its version, 1, and the handles. Fields are added at its end.</remarks>
public sealed class FilePeerMemory : IPeerMemory
{
    private const int Version = 1;
    private const int Fields = 2;
    private const int LengthMax = 64 * 1024;

    private readonly string _path;

    /// <summary>Remembers in a file.</summary>
    /// <param name="path">The file, which need not exist yet; its folder must.</param>
    public FilePeerMemory(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<NodeHandle>> RecallAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return File.Exists(_path) ? Read(await ReadFileAsync(cancellationToken).ConfigureAwait(false)) : [];
        }
        catch (Exception exception) when (PackReading.IsMalformed(exception))
        {
            throw new PastryException($"The peers remembered in '{_path}' can't be used; the file is damaged, or of another release. {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PastryException($"The peers remembered in '{_path}' can't be read: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask RememberAsync(IReadOnlyList<NodeHandle> peers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(peers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(peers.Count, IPeerMemory.PeersMax, nameof(peers));
        try
        {
            await OwnerFile.WriteAsync(_path, Write(peers), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PastryException($"The peers can't be remembered in '{_path}': {exception.Message}", exception);
        }
    }

    /// <summary>Reads no more than a file of this kind may have, whatever stands there.</summary>
    private async Task<ReadOnlyMemory<byte>> ReadFileAsync(CancellationToken cancellationToken)
    {
        var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous);
        await using (file.ConfigureAwait(false))
        {
            var bytes = new byte[LengthMax + 1];
            var length = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            NodeHandleFormat.Require(length <= LengthMax, $"It is longer than {LengthMax} bytes.");
            return bytes.AsMemory(0, length);
        }
    }

    private static NodeHandle[] Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new MessagePackReader(bytes);
        var fields = reader.ReadArrayHeader();
        NodeHandleFormat.Require(fields >= Fields, "It has two fields.");
        var version = reader.ReadInt32();
        NodeHandleFormat.Require(version == Version, $"It has version {version}, and {Version} is known here.");
        var peers = NodeHandleFormat.ReadMany(ref reader, IPeerMemory.PeersMax);
        NodeHandleFormat.SkipRest(ref reader, fields, Fields);
        NodeHandleFormat.Require(reader.End, "Something stands behind its end.");
        return peers;
    }

    private static ReadOnlyMemory<byte> Write(IReadOnlyList<NodeHandle> peers)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(Fields);
        writer.Write(Version);
        NodeHandleFormat.WriteMany(ref writer, peers.ToArray());
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
