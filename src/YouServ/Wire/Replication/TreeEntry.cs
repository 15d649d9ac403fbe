using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace P2P.YouServ.Wire;

/// <summary>One of the things in a folder of a site, as replicas compare them.</summary>
/// <param name="Name">The name.</param>
/// <param name="IsFolder">Whether it is a folder; else it is a file.</param>
/// <param name="Length">Bytes of a file; 0 of a folder.</param>
/// <param name="Modified">When a file's content was changed, in milliseconds since 1970; 0 of a folder.</param>
/// <param name="Digest">The digest of the file, or of all that is in the folder.</param>
internal readonly record struct TreeEntry(string Name, bool IsFolder, long Length, long Modified, ContentDigest Digest)
{
    /// <summary>Takes the digest of a folder.</summary>
    /// <param name="entries">What is in it, by <see cref="Order"/>.</param>
    public static ContentDigest DigestOf(IEnumerable<TreeEntry> entries)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> fixedPart = stackalloc byte[21 + ContentDigest.Length];
        foreach (var entry in entries)
        {
            var name = Encoding.UTF8.GetBytes(entry.Name);
            fixedPart[0] = entry.IsFolder ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteInt32BigEndian(fixedPart[1..], name.Length);
            BinaryPrimitives.WriteInt64BigEndian(fixedPart[5..], entry.Length);
            BinaryPrimitives.WriteInt64BigEndian(fixedPart[13..], entry.Modified);
            entry.Digest.WriteTo(fixedPart[21..]);
            hash.AppendData(fixedPart);
            hash.AppendData(name);
        }

        hash.GetHashAndReset(fixedPart[..ContentDigest.Length]);
        return ContentDigest.Read(fixedPart);
    }

    /// <summary>The order in which entries stand: that of their names' UTF-16 units.</summary>
    public static int Order(TreeEntry one, TreeEntry other) => string.CompareOrdinal(one.Name, other.Name);
}
