using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;

namespace P2P.YouServ.Wire;

/// <summary>
/// Writes and reads what is in a folder. Each entry: 1 byte, 1 for a folder and 0 for a file; 2, the length of the name; 8, the file's length; 8, milliseconds since 1970; 32, the digest; the name in UTF-8. Numbers are big-endian.
/// </summary>
internal static class FolderFormat
{
    /// <summary>How many things a folder of a site that is copied holds at most.</summary>
    public const int EntriesMax = 200_000;

    /// <summary>How many bytes a file has at most: as many files as there may be then have a sum that a number can hold.</summary>
    private const long FileLengthMax = 1L << 42;

    private const int FixedLength = 19 + ContentDigest.Length;

    public static void Write(IBufferWriter<byte> output, in TreeEntry entry)
    {
        var nameLength = Encoding.UTF8.GetByteCount(entry.Name);
        var span = output.GetSpan(FixedLength + nameLength);
        span[0] = entry.IsFolder ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16BigEndian(span[1..], (ushort)nameLength);
        BinaryPrimitives.WriteInt64BigEndian(span[3..], entry.Length);
        BinaryPrimitives.WriteInt64BigEndian(span[11..], entry.Modified);
        entry.Digest.WriteTo(span[19..]);
        Encoding.UTF8.GetBytes(entry.Name, span[FixedLength..]);
        output.Advance(FixedLength + nameLength);
    }

    /// <summary>Reads entries until the end.</summary>
    /// <exception cref="InvalidDataException">They are no entries of a folder, are too many, or are out of order.</exception>
    public static async Task<List<TreeEntry>> ReadAsync(PipeReader input, CancellationToken cancellationToken)
    {
        var entries = new List<TreeEntry>();
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            var rest = read.Buffer;
            while (TryRead(ref rest, out var entry))
            {
                if (entries.Count == EntriesMax || (entries.Count > 0 && TreeEntry.Order(entries[^1], entry) >= 0))
                {
                    throw new InvalidDataException("A folder's entries are too many, or out of order.");
                }

                entries.Add(entry);
            }

            input.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                return rest.IsEmpty ? entries : throw new InvalidDataException("A folder's entries end in the midst of one.");
            }
        }
    }

    private static bool TryRead(ref ReadOnlySequence<byte> rest, out TreeEntry entry)
    {
        entry = default;
        if (rest.Length < FixedLength)
        {
            return false;
        }

        Span<byte> head = stackalloc byte[FixedLength];
        rest.Slice(0, FixedLength).CopyTo(head);
        var nameLength = BinaryPrimitives.ReadUInt16BigEndian(head[1..]);
        if (rest.Length < FixedLength + nameLength)
        {
            return false;
        }

        var name = Encoding.UTF8.GetString(rest.Slice(FixedLength, nameLength));
        var (length, modified) = (BinaryPrimitives.ReadInt64BigEndian(head[3..]), BinaryPrimitives.ReadInt64BigEndian(head[11..]));
        if (head[0] > 1 || length is < 0 or > FileLengthMax || !SitePath.TryParse(name, out var path) || path.IsRoot || path.Value != name || name.Contains('/', StringComparison.Ordinal))
        {
            throw new InvalidDataException("A folder's entry is none that a site may hold.");
        }

        entry = new(name, head[0] == 1, length, modified, ContentDigest.Read(head[19..]));
        rest = rest.Slice(FixedLength + nameLength);
        return true;
    }
}
