using System.Buffers.Binary;
using P2P.Scribe;

namespace Chat;

/// <summary>
/// Plays sound or video to a group as it would come from a microphone or a camera: at its own rate, and never again. Whoever comes late begins where it is by
/// then; whoever takes less than there is hears gaps, and stops nobody.
/// </summary>
internal static class Live
{
    /// <summary>What stands before the bytes of a piece: how many came before it.</summary>
    private const int OffsetLength = sizeof(long);

    private const int PiecesPerSecond = 20;

    /// <summary>What is this late is left out: the group takes less than the rate, and what is old is worth nothing.</summary>
    private static readonly TimeSpan LateMax = TimeSpan.FromMilliseconds(500);

    /// <summary>Publishes a file at 100,000 bytes a second.</summary>
    public static async Task PlayAsync(IGroup group, string path)
    {
        await using var file = File.OpenRead(path);
        await PlayAsync(group, file, bytesPerSecond: 100_000, TimeProvider.System);
    }

    /// <summary>Publishes a source to its end.</summary>
    /// <param name="group">The group.</param>
    /// <param name="source">What to play.</param>
    /// <param name="bytesPerSecond">Its rate, 1,000 or more: 16,000 for speech, 500,000 for video.</param>
    /// <param name="time">The clock to play by.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>How many bytes were left out.</returns>
    public static async Task<long> PlayAsync(IGroup group, Stream source, int bytesPerSecond, TimeProvider time, CancellationToken cancellationToken = default)
    {
        var piece = new byte[OffsetLength + Math.Clamp(bytesPerSecond / PiecesPerSecond, 50, 48_000)];
        var (started, offset, leftOut) = (time.GetTimestamp(), 0L, 0L);
        while (true)
        {
            var length = await source.ReadAtLeastAsync(piece.AsMemory(OffsetLength), piece.Length - OffsetLength, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            var early = TimeSpan.FromSeconds((double)offset / bytesPerSecond) - time.GetElapsedTime(started);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, time, cancellationToken).ConfigureAwait(false);
            }

            if (early < -LateMax && length > 0)
            {
                leftOut += length;
            }
            else
            {
                // This waits while most of the group can't take more.
                BinaryPrimitives.WriteInt64BigEndian(piece, offset);
                await group.PublishAsync(piece.AsMemory(0, OffsetLength + length), DeliveryClass.BestEffort, cancellationToken: cancellationToken).ConfigureAwait(false);
            }

            if (length == 0)
            {
                return leftOut;
            }

            offset += length;
        }
    }

    /// <summary>Takes what somebody plays, one piece after the other.</summary>
    internal sealed class Listener(Stream target)
    {
        private long? _next;

        /// <summary>How many bytes were missed since it began to listen.</summary>
        public long Missed { get; private set; }

        /// <summary>Writes what it hears to a file, which others may read meanwhile.</summary>
        public static Listener To(string path) =>
            new(new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 }));

        /// <returns>False where that was no piece.</returns>
        public async Task<bool> TryTakeAsync(GroupEvent happened)
        {
            if (happened is not GroupEvent.Received { Message: { Class: DeliveryClass.BestEffort, Content: { Length: >= OffsetLength } piece } })
            {
                return false;
            }

            var offset = BinaryPrimitives.ReadInt64BigEndian(piece.Span);
            Missed += Math.Max(0, offset - (_next ?? offset));
            _next = offset + piece.Length - OffsetLength;
            await target.WriteAsync(piece[OffsetLength..]).ConfigureAwait(false);
            return true;
        }
    }
}
