using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;

namespace P2P.Past.Wire;

/// <summary>
/// Receives leaves that <see cref="VerifiedContentWriter"/> sent, and gives out none that does not lead to the certificate's root. Keeps
/// one leaf and the hashes of one segment in memory, whatever the sender does.
/// </summary>
/// <remarks>Not for concurrent use. The input is read to the end of the last leaf and no further.</remarks>
internal sealed class VerifiedContentReader : IDisposable
{
    private readonly PipeReader _input;
    private readonly FileCertificate _certificate;
    private readonly ContentLayout _layout;
    private readonly LeafRange _leaves;
    private readonly Hash256[] _hashes = new Hash256[ContentLayout.LeavesPerSegment];
    private byte[] _buffer;
    private ContentSegmentHeader _segment;
    private int _next;

    /// <summary>Expects leaves of a file.</summary>
    /// <param name="input">Where the leaves come from; it stays open.</param>
    /// <param name="certificate">The file's certificate, which has been verified.</param>
    /// <param name="leaves">Which leaves, as they were asked for.</param>
    public VerifiedContentReader(PipeReader input, FileCertificate certificate, LeafRange leaves)
    {
        _layout = certificate.Layout;
        if (!_layout.Contains(leaves))
        {
            throw new ArgumentOutOfRangeException(nameof(leaves), leaves, $"The content has {_layout.LeafCount} leaves.");
        }

        _input = input;
        _certificate = certificate;
        _leaves = leaves;
        _next = leaves.First;
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(_layout.LengthOf(leaves.First), ContentSegmentHeader.MaxLength));
    }

    /// <summary>Receives the next leaf.</summary>
    /// <param name="cancellationToken">Gives up; the input is then of no more use.</param>
    /// <returns>The leaf, whose bytes stay until the next call or disposal; null after the last.</returns>
    /// <exception cref="ContentVerificationException">
    /// The sender sent something else, or stopped early. The input is of no more use.
    /// </exception>
    public async ValueTask<ContentLeaf?> ReadAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_buffer.Length == 0, this);
        if (_next == _leaves.End)
        {
            return null;
        }

        if (_next == _leaves.First || _next == _segment.Leaves.End)
        {
            await ReadHeaderAsync(cancellationToken).ConfigureAwait(false);
        }

        var bytes = _buffer.AsMemory(0, _layout.LengthOf(_next));
        await FillAsync(bytes, cancellationToken).ConfigureAwait(false);
        var leaf = ContentLeaf.Compute(_next, bytes);
        Require(leaf.Hash == _hashes[_next % ContentLayout.LeavesPerSegment], "does not hash as it must");
        _next++;
        return leaf;
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask ReadHeaderAsync(CancellationToken cancellationToken)
    {
        _segment = ContentSegmentHeader.For(_layout, new LeafRange(_next, _leaves.End - _next));
        var bytes = _buffer.AsMemory(0, _segment.Length);

        // The fixed part first: a header that is too short must not make us wait for the rest.
        await FillAsync(bytes[..ContentSegmentHeader.FixedLength], cancellationToken).ConfigureAwait(false);
        CheckFixed(bytes.Span[..ContentSegmentHeader.FixedLength]);
        await FillAsync(bytes[ContentSegmentHeader.FixedLength..], cancellationToken).ConfigureAwait(false);
        CheckHashes(MemoryMarshal.Cast<byte, Hash256>(bytes.Span[ContentSegmentHeader.FixedLength..]));
    }

    private void CheckFixed(ReadOnlySpan<byte> received)
    {
        Span<byte> expected = stackalloc byte[ContentSegmentHeader.FixedLength];
        _segment.WriteFixed(expected);
        Require(received.SequenceEqual(expected), "is not announced as it must be");
    }

    private void CheckHashes(ReadOnlySpan<Hash256> received)
    {
        var hashes = received[.._segment.HashCount];
        var root = MerkleTree.RootOfPath(MerkleTree.RootOf(hashes), _segment.Segment, _layout.SegmentCount, received[_segment.HashCount..]);
        Require(root == _certificate.ContentRoot, "comes with hashes that do not lead to the certificate's root");
        hashes.CopyTo(_hashes);
    }

    private async ValueTask FillAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        while (!destination.IsEmpty)
        {
            var result = await _input.ReadAsync(cancellationToken).ConfigureAwait(false);
            var taken = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, destination.Length));
            taken.CopyTo(destination.Span);
            destination = destination[(int)taken.Length..];
            _input.AdvanceTo(taken.End);
            if (result.IsCompleted && result.Buffer.Length == taken.Length && !destination.IsEmpty)
            {
                throw new ContentVerificationException(
                    $"The content of {_certificate.FileId} ended at leaf {_next}; leaves up to {_leaves.End} were expected.", endedEarly: true);
            }

            if (result.IsCanceled)
            {
                throw new OperationCanceledException("The reading of content was cancelled at the pipe.");
            }
        }
    }

    private void Require(bool condition, string failure)
    {
        if (!condition)
        {
            throw new ContentVerificationException($"Leaf {_next} of {_certificate.FileId} {failure}.");
        }
    }
}
