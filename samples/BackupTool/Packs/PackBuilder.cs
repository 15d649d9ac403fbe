using BackupTool.Vault;

namespace BackupTool.Packs;

/// <summary>Gathers sealed chunks until they make a pack.</summary>
internal sealed class PackBuilder(Sealer sealer)
{
    /// <summary>A pack is closed before it becomes longer; one chunk alone always fits.</summary>
    public const int TargetLength = 16 * 1024 * 1024;

    private readonly List<PackedChunk> _chunks = [];
    private byte[] _content = [];
    private int _length;

    public int Count => _chunks.Count;

    public bool HasRoomFor(int storedLength) => _chunks.Count == 0 || _length + storedLength <= TargetLength;

    public void Add(PackedChunk chunk, ReadOnlySpan<byte> stored)
    {
        if (_chunks.Count == 0)
        {
            _length = PackFormat.HeadLength;
            Reserve(PackFormat.HeadLength + stored.Length);
            PackFormat.WriteHead(sealer, _content);
        }

        Reserve(_length + stored.Length);
        stored.CopyTo(_content.AsSpan(_length));
        _length += stored.Length;
        _chunks.Add(chunk);
    }

    /// <summary>Ends the pack, and begins another.</summary>
    public (ReadOnlyMemory<byte> Content, IReadOnlyList<PackedChunk> Chunks) Take()
    {
        PackedChunk[] chunks = [.. _chunks];
        var tail = PackFormat.WriteTail(sealer, chunks);
        Reserve(_length + tail.Length);
        tail.CopyTo(_content, _length);
        var content = _content.AsMemory(0, _length + tail.Length);
        _chunks.Clear();
        (_content, _length) = ([], 0);
        return (content, chunks);
    }

    private void Reserve(int length)
    {
        if (length > _content.Length)
        {
            Array.Resize(ref _content, Math.Max(length, Math.Min(Math.Max(_content.Length * 2, 64 * 1024), TargetLength + (TargetLength / 8))));
        }
    }
}
