using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace P2P.Past.Wire;

/// <summary>
/// Asks for leaves of a file at the start of a stream: a byte for the version, 20 bytes of id, first leaf and number of leaves as 32 bits,
/// big-endian. The answer is bytes of <see cref="Wait"/> while the holder is still storing the file, then <see cref="Found"/> and the leaves, or
/// <see cref="Absent"/>.
/// </summary>
internal readonly record struct FetchRequest(FileId FileId, LeafRange Leaves)
{
    public const byte Found = 0;
    public const byte Absent = 1;
    public const byte Wait = 2;

    private const byte Version = 1;
    private const int FirstOffset = 1 + FileId.ByteLength;
    private const int CountOffset = FirstOffset + sizeof(int);
    private const int Length = CountOffset + sizeof(int);

    public static async ValueTask WriteAsync(PipeWriter output, FetchRequest request, CancellationToken cancellationToken)
    {
        var bytes = output.GetMemory(Length);
        bytes.Span[0] = Version;
        request.FileId.WriteBytes(bytes.Span[1..]);
        BinaryPrimitives.WriteInt32BigEndian(bytes.Span[FirstOffset..], request.Leaves.First);
        BinaryPrimitives.WriteInt32BigEndian(bytes.Span[CountOffset..], request.Leaves.Count);
        output.Advance(Length);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Null where the stream ended before, or the request is of another version.</returns>
    public static async ValueTask<FetchRequest?> ReadAsync(PipeReader input, CancellationToken cancellationToken)
    {
        var result = await input.ReadAtLeastAsync(Length, cancellationToken).ConfigureAwait(false);
        if (result.Buffer.Length < Length)
        {
            return null;
        }

        var bytes = result.Buffer.Slice(0, Length);
        var request = Parse(bytes);
        input.AdvanceTo(bytes.End);
        return request;
    }

    /// <summary>Reads the holder's answer; each sign that it is still storing the file renews the patience.</summary>
    /// <param name="input">What the holder says.</param>
    /// <param name="patience">How long it may say nothing.</param>
    /// <param name="renewalsMax">How often such signs renew the patience: who has a bound of its own needs none here.</param>
    /// <returns>False where the holder has nothing to give.</returns>
    public static async ValueTask<bool> ReadAnswerAsync(PipeReader input, Patience patience, int renewalsMax = int.MaxValue)
    {
        while (true)
        {
            var result = await input.ReadAtLeastAsync(1, patience.Token).ConfigureAwait(false);
            if (result.Buffer.IsEmpty)
            {
                return false;
            }

            var answer = result.Buffer.FirstSpan[0];
            input.AdvanceTo(result.Buffer.GetPosition(1));
            if (answer != Wait)
            {
                return answer == Found;
            }

            if (renewalsMax-- > 0)
            {
                patience.Renew();
            }
        }
    }

    private static FetchRequest? Parse(in ReadOnlySequence<byte> bytes)
    {
        Span<byte> request = stackalloc byte[Length];
        bytes.CopyTo(request);
        return request[0] != Version
            ? null
            : new FetchRequest(
                FileId.FromBytes(request[1..FirstOffset]),
                new LeafRange(BinaryPrimitives.ReadInt32BigEndian(request[FirstOffset..]), BinaryPrimitives.ReadInt32BigEndian(request[CountOffset..])));
    }
}
