using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace BackupTool.Vault;

/// <summary>
/// Encrypts and authenticates what goes to the ring (AES-256-GCM). Each run of the program seals with a key of its own, which follows from the repository's and from a number that it draws; within a
/// run nonces are counted, so that none is used twice.
/// </summary>
internal sealed class Sealer : IDisposable
{
    public const int NonceLength = 12;

    public const int TagLength = 16;

    /// <summary>How much longer what is sealed is than what was in it.</summary>
    public const int Overhead = NonceLength + TagLength;

    /// <summary>The length of the number of a run.</summary>
    public const int RunLength = 16;

    private readonly byte[] _root;
    private readonly ConcurrentDictionary<UInt128, Cipher> _ciphers = new();
    private readonly Cipher _own;
    private long _sealed;

    public Sealer(byte[] root)
    {
        _root = root;
        Run = RandomNumberGenerator.GetBytes(RunLength);
        _own = CipherOf(Run);
    }

    /// <summary>The number of this run; it stands in front of what it has sealed.</summary>
    public byte[] Run { get; }

    /// <summary>Seals bytes.</summary>
    /// <param name="plain">What.</param>
    /// <param name="context">What it is bound to; needed again to open it.</param>
    /// <param name="target">Takes <see cref="Overhead"/> bytes more than <paramref name="plain"/> has.</param>
    public void Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> context, Span<byte> target)
    {
        var nonce = target[..NonceLength];
        nonce.Clear();
        BitConverter.TryWriteBytes(nonce, Interlocked.Increment(ref _sealed));
        _own.Encrypt(nonce, plain, target.Slice(NonceLength, plain.Length), target.Slice(NonceLength + plain.Length, TagLength), context);
    }

    /// <summary>Opens what a run has sealed.</summary>
    /// <returns>False where it is damaged, forged, or bound to something else.</returns>
    public bool TryOpen(ReadOnlySpan<byte> run, ReadOnlySpan<byte> sealedBytes, ReadOnlySpan<byte> context, Span<byte> plain) =>
        sealedBytes.Length == plain.Length + Overhead
        && CipherOf(run).TryDecrypt(sealedBytes[..NonceLength], sealedBytes[NonceLength..^TagLength], sealedBytes[^TagLength..], plain, context);

    public void Dispose()
    {
        foreach (var cipher in _ciphers.Values)
        {
            cipher.Dispose();
        }
    }

    private Cipher CipherOf(ReadOnlySpan<byte> run)
    {
        var name = System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(run);
        if (_ciphers.TryGetValue(name, out var cipher))
        {
            return cipher;
        }

        var key = new byte[32];
        HKDF.Expand(HashAlgorithmName.SHA256, _root, key, run);
        return _ciphers.GetOrAdd(name, new Cipher(key));
    }

    /// <summary>Lends a key to several threads: the framework's ciphers serve one at a time.</summary>
    private sealed class Cipher(byte[] key) : IDisposable
    {
        private readonly ConcurrentBag<AesGcm> _idle = [];
        private volatile bool _isDisposed;

        public void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plain, Span<byte> target, Span<byte> tag, ReadOnlySpan<byte> context)
        {
            var cipher = Rent();
            cipher.Encrypt(nonce, plain, target, tag, context);
            _idle.Add(cipher);
        }

        public bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> target, ReadOnlySpan<byte> tag, Span<byte> plain, ReadOnlySpan<byte> context)
        {
            var cipher = Rent();
            try
            {
                cipher.Decrypt(nonce, target, tag, plain, context);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                return false;
            }
            finally
            {
                _idle.Add(cipher);
            }
        }

        public void Dispose()
        {
            _isDisposed = true;
            while (_idle.TryTake(out var cipher))
            {
                cipher.Dispose();
            }

            CryptographicOperations.ZeroMemory(key);
        }

        private AesGcm Rent()
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _idle.TryTake(out var cipher) ? cipher : new AesGcm(key, TagLength);
        }
    }
}
