using System.Security.Cryptography;
using P2P.Pastry;

namespace BackupTool.Vault;

/// <summary>Holds the keys of a repository. All follow from its master key, which is drawn once and never changes.</summary>
internal sealed class RepositoryKeys : IDisposable
{
    public const int MasterLength = 32;

    private const int KeyLength = 32;

    private readonly byte[] _chunkIds;
    private readonly byte[] _salts;

    public RepositoryKeys(ReadOnlySpan<byte> master)
    {
        Owner = SigningKey.Derive(Derive(master, "owner"u8));
        _chunkIds = Derive(master, "chunk ids"u8);
        _salts = Derive(master, "salts"u8);
        Sealing = Derive(master, "sealing"u8);
        Cutting = Derive(master, "cutting"u8);
    }

    /// <summary>Signs for all files of the repository: nobody else can store or reclaim under their ids.</summary>
    public SigningKey Owner { get; }

    /// <summary>What the keys of all that is sealed follow from.</summary>
    public byte[] Sealing { get; }

    /// <summary>What chunks' borders depend on: nobody else can tell a known file from the lengths of its chunks.</summary>
    public byte[] Cutting { get; }

    /// <summary>Computes the salt of a file that is to be found again by what it is and by its number.</summary>
    /// <param name="purpose">What it is.</param>
    /// <param name="scope">What its number counts within; may be empty.</param>
    /// <param name="number">Which of them it is.</param>
    /// <param name="attempt">Which of the places it may lie at, from 0.</param>
    public byte[] Salt(string purpose, ReadOnlySpan<byte> scope, long number, int attempt)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _salts);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(purpose));
        hash.AppendData([0]);
        hash.AppendData(scope);
        hash.AppendData(BitConverter.GetBytes(number));
        hash.AppendData([(byte)attempt]);
        return hash.GetHashAndReset()[..16];
    }

    /// <summary>Names a chunk.</summary>
    public Chunks.ChunkId Name(ReadOnlySpan<byte> chunk)
    {
        Span<byte> name = stackalloc byte[Chunks.ChunkId.Length];
        HMACSHA256.HashData(_chunkIds, chunk, name);
        return new(name);
    }

    public void Dispose()
    {
        Owner.Dispose();
        foreach (var key in (byte[][])[_chunkIds, _salts, Sealing, Cutting])
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static byte[] Derive(ReadOnlySpan<byte> master, ReadOnlySpan<byte> purpose)
    {
        var key = new byte[KeyLength];
        HKDF.Expand(HashAlgorithmName.SHA256, master, key, purpose);
        return key;
    }
}
