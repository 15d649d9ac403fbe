using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Xml;

namespace P2P.YouSearch.Extraction;

/// <summary>Reads the parts of a package of Office Open XML. All that is unpacked of it counts against one budget, whatever its directory says of the parts' lengths.</summary>
internal sealed class OfficePackage(ZipArchive archive, long packedLength, ExtractionLimits limits, CancellationToken cancellationToken)
{
    private const int EntriesMax = 10_000;
    private const int DepthMax = 256;

    /// <summary>XML of an office shrinks to a fiftieth at most.</summary>
    private const int RatioMax = 200;

    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true, CheckCharacters = false };

    private readonly char[] _buffer = new char[4096];
    private long _budget = Math.Min(limits.LengthMax, (packedLength * RatioMax) + (1 << 20));

    /// <summary>Counts the entries of an archive's directory before it is read: reading it keeps them all in memory.</summary>
    public static void CheckEntries(Stream content)
    {
        const int EndLength = 22;
        var tail = new byte[Math.Min(content.Length, EndLength + ushort.MaxValue)];
        content.Seek(-tail.Length, SeekOrigin.End);
        content.ReadExactly(tail);
        var end = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (end < 0 || end + EndLength > tail.Length)
        {
            throw new InvalidDataException("This is no package: it has no directory at its end.");
        }

        var directory = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end + 16));
        content.Position = directory <= content.Length ? directory : throw new InvalidDataException("This is no package: its directory lies beyond its end.");
        var header = new byte[46];
        for (var count = 0; content.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length && header.AsSpan().StartsWith("PK\u0001\u0002"u8); count++)
        {
            if (count == EntriesMax)
            {
                throw new InvalidDataException($"The package has more than {EntriesMax} parts.");
            }

            content.Seek(Length(28) + Length(30) + Length(32), SeekOrigin.Current);
        }

        content.Position = 0;

        int Length(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(offset));
    }

    /// <summary>Fails if a part is missing.</summary>
    public void Require(string part) => _ = archive.GetEntry(part) ?? throw new InvalidDataException($"The package lacks {part}.");

    /// <summary>Finds a part that the package as a whole refers to.</summary>
    /// <param name="kind">How the kind of reference ends, such as <c>/officeDocument</c>.</param>
    /// <param name="usual">Where the part is if nothing is said.</param>
    public string PartOf(string kind, string usual)
    {
        var part = usual;
        Read("_rels/.rels", isRequired: false, reader =>
        {
            if (reader is not { NodeType: XmlNodeType.Element, LocalName: "Relationship" } || reader.GetAttribute("Type")?.EndsWith(kind, StringComparison.Ordinal) != true)
            {
                return true;
            }

            part = reader.GetAttribute("Target")?.TrimStart('/') ?? usual;
            return false;
        });
        return part;
    }

    /// <summary>Lists parts in a folder whose names begin in some ways and end with a number, or with none, in the order of these.</summary>
    public IEnumerable<string> Parts(string folder, params string[] names) =>
        from entry in archive.Entries
        let part = entry.FullName
        where part.StartsWith(folder, StringComparison.Ordinal) && part.EndsWith(".xml", StringComparison.Ordinal)
        let name = part[folder.Length..^4]
        let stem = name.TrimEnd("0123456789".ToCharArray())
        where names.Contains(stem)
        orderby Array.IndexOf(names, stem), name.Length, name
        select part;

    /// <summary>Reads a part, node by node.</summary>
    /// <param name="part">Its name.</param>
    /// <param name="isRequired">Whether it is damage if the part is missing.</param>
    /// <param name="take">Takes a node; false to read no further.</param>
    public void Read(string part, bool isRequired, Func<XmlReader, bool> take)
    {
        if (isRequired)
        {
            Require(part);
        }

        if (archive.GetEntry(part) is not { } entry)
        {
            return;
        }

        using var stream = new BudgetStream(entry.Open(), this);
        using var reader = XmlReader.Create(stream, Settings);
        while (reader.Read())
        {
            if (reader.Depth > DepthMax)
            {
                throw new InvalidDataException($"{part} is nested more than {DepthMax} levels deep.");
            }

            if (!take(reader))
            {
                return;
            }
        }
    }

    /// <summary>Appends the text in an element that has no other in it; the reader comes to stand at the element's end.</summary>
    public void AppendText(XmlReader reader, TextCollector text)
    {
        if (reader.IsEmptyElement)
        {
            return;
        }

        while (reader.Read() && reader.NodeType != XmlNodeType.EndElement && !text.IsCut)
        {
            if (!reader.CanReadValueChunk || reader.NodeType is not (XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace))
            {
                continue;
            }

            for (int read; !text.IsCut && (read = reader.ReadValueChunk(_buffer, 0, _buffer.Length)) > 0;)
            {
                text.Append(_buffer.AsSpan(0, read));
            }
        }
    }

    /// <summary>Reads a number that an attribute or a cell holds.</summary>
    public static int? NumberOf(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private void Spend(int bytes)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _budget -= bytes;
        if (_budget < 0)
        {
            throw new InvalidDataException("The package holds far more than its length promises, or than may be read.");
        }
    }

    /// <summary>Counts what is read.</summary>
    private sealed class BudgetStream(Stream inner, OfficePackage package) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            var read = inner.Read(buffer);
            package.Spend(read);
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
