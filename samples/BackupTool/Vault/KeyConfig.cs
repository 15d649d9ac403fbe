using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Konscious.Security.Cryptography;

namespace BackupTool.Vault;

/// <summary>
/// Is what everyone may read of a repository: how its passphrase is stretched, and its master key, sealed by what comes of that. Anyone who has it can try passphrases, at what Argon2id costs him each
/// (RFC 9106).
/// </summary>
internal sealed record KeyConfig
{
    /// <summary>What is asked of the machine is bounded: the configuration comes from the ring.</summary>
    private const int MemoryKiBMax = 1 << 20;

    private const int SaltLength = 16;

    public int Version { get; init; } = 1;

    /// <summary>How much memory a try takes, in KiB: the second of the settings that RFC 9106 recommends takes 64 MiB.</summary>
    public int MemoryKiB { get; init; } = 64 * 1024;

    public int Passes { get; init; } = 3;

    public int Lanes { get; init; } = 4;

    /// <summary>How many nodes hold each file of the repository.</summary>
    public int Replicas { get; init; } = 3;

    public byte[] Salt { get; init; } = [];

    /// <summary>A nonce, the master key encrypted with AES-256-GCM, and its tag.</summary>
    public byte[] Master { get; init; } = [];

    /// <summary>Draws the master key of a new repository, and seals it.</summary>
    /// <param name="passphrase">What opens it.</param>
    /// <param name="settings">How many replicas there are, and what a try costs.</param>
    public static (KeyConfig Config, RepositoryKeys Keys) Create(string passphrase, KeyConfig settings)
    {
        var master = RandomNumberGenerator.GetBytes(RepositoryKeys.MasterLength);
        var config = settings with { Salt = RandomNumberGenerator.GetBytes(SaltLength) };
        using var cipher = new AesGcm(config.Stretch(passphrase), Sealer.TagLength);
        var wrapped = new byte[Sealer.NonceLength + master.Length + Sealer.TagLength];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, Sealer.NonceLength));
        cipher.Encrypt(
            wrapped.AsSpan(0, Sealer.NonceLength), master, wrapped.AsSpan(Sealer.NonceLength, master.Length), wrapped.AsSpan(Sealer.NonceLength + master.Length), config.Context());
        var keys = new RepositoryKeys(master);
        CryptographicOperations.ZeroMemory(master);
        return (config with { Master = wrapped }, keys);
    }

    /// <exception cref="BackupException">It is not one, or asks too much.</exception>
    public static KeyConfig Read(ReadOnlySpan<byte> content)
    {
        try
        {
            var config = JsonSerializer.Deserialize(content, KeyConfigFormat.Default.KeyConfig);
            return config switch
            {
                { Version: > 1 } => throw new BackupException($"The repository is of version {config.Version}; this program reads version 1. Use a newer one."),
                {
                    Version: 1, MemoryKiB: >= 8 * 1024 and <= MemoryKiBMax, Passes: >= 1 and <= 16, Lanes: >= 1 and <= 16, Replicas: >= 1 and <= 64,
                    Salt.Length: SaltLength, Master.Length: Sealer.NonceLength + RepositoryKeys.MasterLength + Sealer.TagLength
                } => config,
                _ => throw new BackupException(ExitCode.NoRepository, "The id names a file that is no repository's."),
            };
        }
        catch (JsonException exception)
        {
            throw new BackupException(ExitCode.NoRepository, "The id names a file that is no repository's.", exception);
        }
    }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, KeyConfigFormat.Default.KeyConfig);

    /// <summary>Opens the master key.</summary>
    /// <exception cref="BackupException">The passphrase is another.</exception>
    public RepositoryKeys Open(string passphrase)
    {
        var master = new byte[RepositoryKeys.MasterLength];
        using var cipher = new AesGcm(Stretch(passphrase), Sealer.TagLength);
        try
        {
            var wrapped = Master.AsSpan();
            cipher.Decrypt(wrapped[..Sealer.NonceLength], wrapped[Sealer.NonceLength..^Sealer.TagLength], wrapped[^Sealer.TagLength..], master, Context());
            return new RepositoryKeys(master);
        }
        catch (AuthenticationTagMismatchException exception)
        {
            throw new BackupException(ExitCode.WrongPassphrase, "The passphrase is wrong.", exception);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(master);
        }
    }

    private byte[] Stretch(string passphrase)
    {
        using var stretching = new Argon2id(Encoding.UTF8.GetBytes(passphrase))
        {
            Salt = Salt,
            MemorySize = MemoryKiB,
            Iterations = Passes,
            DegreeOfParallelism = Lanes,
        };
        return stretching.GetBytes(32);
    }

    /// <summary>What the sealed key is bound to: nobody can change how many replicas are made.</summary>
    private byte[] Context() => Encoding.UTF8.GetBytes($"P2P backup {Version} {Replicas}");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KeyConfig))]
internal sealed partial class KeyConfigFormat : JsonSerializerContext;
