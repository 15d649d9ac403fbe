using System.Buffers;
using System.Security.Cryptography;
using P2P.Past;
using P2P.Pastry;

namespace Benchmarks.Past;

/// <summary>
/// Is what can't be avoided: hashing, signing, verifying, bringing the content to k = 3 over TLS and back from one, and writing it k times, or copying it for a store in
/// memory.
/// No ring, no tables, no files that could be found again. Each worker has connections and a key of its own.
/// </summary>
internal sealed class RawArchive : IAsyncDisposable
{
    private const int Replicas = 3;

    /// <summary>About the length of a certificate, a receipt and a request.</summary>
    private const int StatementLength = 240;

    private readonly byte[] _statement = RandomNumberGenerator.GetBytes(StatementLength);
    private readonly SigningKey[] _keys;
    private readonly byte[][] _signatures;
    private readonly RawLog[] _logs;
    private readonly RawWire[][] _wires;

    private RawArchive(RawWire[][] wires, string directory)
    {
        _wires = wires;
        _keys = [.. wires.Select(_ => SigningKey.Create())];
        _signatures = [.. _keys.Select(key => key.Sign(_statement))];
        _logs = [.. Enumerable.Range(0, Replicas).Select(replica => new RawLog(Path.Combine(directory, $"raw-{replica}")))];
    }

    public static async Task<RawArchive> StartAsync(int workers, string directory)
    {
        using var certificate = RawWire.CreateCertificate();
        var wires = new RawWire[workers][];
        for (var worker = 0; worker < workers; worker++)
        {
            wires[worker] = [.. await Task.WhenAll(Enumerable.Range(0, Replicas).Select(_ => RawWire.ConnectAsync(certificate)))];
        }

        return new RawArchive(wires, directory);
    }

    /// <summary>Does an insert's work: hash and sign; each holder verifies both, stores and signs; and each receipt is verified.</summary>
    public async Task InsertAsync(int worker, ReadOnlyMemory<byte> content, bool isDurable)
    {
        ContentTree.Compute(content.Span);
        _keys[worker].Sign(_statement);
        await Task.WhenAll(Enumerable.Range(0, Replicas).Select(async replica =>
        {
            var receipt = new byte[StatementLength];
            await _wires[worker][replica].ExchangeAsync(content, StatementLength, receipt);
            Verify(worker);
            ContentTree.Compute(content.Span);
            if (isDurable)
            {
                await _logs[replica].AppendAsync(content);
            }
            else
            {
                GC.KeepAlive(content.ToArray());
            }

            _keys[worker].Sign(_statement);
            Verify(worker);
        }));
    }

    /// <summary>Does a lookup's work: the content comes from one holder, and is hashed.</summary>
    public async Task LookUpAsync(int worker, int length, bool isCold)
    {
        var leaf = ArrayPool<byte>.Shared.Rent(ContentLayout.LeafSize);
        await _wires[worker][0].ExchangeAsync(_statement, length, leaf, bytes => ContentTree.Compute(bytes.Span));
        ArrayPool<byte>.Shared.Return(leaf);
        if (isCold)
        {
            Verify(worker);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var wire in _wires.SelectMany(wires => wires))
        {
            await wire.DisposeAsync();
        }

        foreach (var log in _logs)
        {
            await log.DisposeAsync();
        }

        Array.ForEach(_keys, key => key.Dispose());
    }

    private void Verify(int worker)
    {
        if (!_keys[worker].PublicKey.Verify(_statement, _signatures[worker]))
        {
            throw new InvalidOperationException("What was signed is right.");
        }
    }
}
