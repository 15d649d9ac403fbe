using System.IO.Compression;
using System.Xml;

namespace P2P.YouSearch.Extraction;

/// <summary>Reads documents, workbooks and presentations of Office Open XML (ECMA-376), part by part as they stream by: never a part as a whole, never more than a bounded amount unpacked.</summary>
internal sealed class OfficeExtractor : DocumentExtractor
{
    public override bool Reads(string fileName) => TypeOf(fileName) is not null;

    protected override Task<ExtractedText> ReadAsync(Stream content, string fileName, ExtractionLimits limits, CancellationToken cancellationToken)
    {
        CheckLength(content, limits);
        OfficePackage.CheckEntries(content);
        var type = TypeOf(fileName)!;
        try
        {
            using var archive = new ZipArchive(content, ZipArchiveMode.Read, leaveOpen: true);
            var package = new OfficePackage(archive, content.Length, limits, cancellationToken);
            var text = new TextCollector(limits.TextLengthMax);
            switch (type)
            {
                case "docx":
                    ReadParts(package, [package.PartOf("/officeDocument", "word/document.xml"), .. package.Parts("word/", "footnotes", "endnotes", "header", "footer", "comments")], text, isRequired: true);
                    break;
                case "pptx":
                    package.Require("ppt/presentation.xml");
                    ReadParts(package, [.. package.Parts("ppt/slides/", "slide"), .. package.Parts("ppt/notesSlides/", "notesSlide")], text, isRequired: false);
                    break;
                default:
                    WorkbookReading.Read(package, text);
                    break;
            }

            return Task.FromResult(new ExtractedText(type, ReadTitle(package), text.Finish(), text.IsCut));
        }
        catch (Exception damage) when (damage is XmlException or ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException($"{fileName} is damaged: {damage.Message}", damage);
        }
    }

    /// <summary>Tells which kind a file's name says it is; null if none.</summary>
    private static string? TypeOf(string fileName) => ExtensionOf(fileName) switch
    {
        "docx" or "docm" or "dotx" => "docx",
        "xlsx" or "xlsm" or "xltx" => "xlsx",
        "pptx" or "pptm" or "ppsx" or "potx" => "pptx",
        _ => null,
    };

    /// <summary>Reads the runs of text of documents and slides, which name their elements alike: <c>t</c> for text, <c>p</c> for a paragraph.</summary>
    private static void ReadParts(OfficePackage package, IEnumerable<string> parts, TextCollector text, bool isRequired)
    {
        foreach (var part in parts.TakeWhile(_ => !text.IsCut))
        {
            package.Read(part, isRequired, reader =>
            {
                switch (reader.NodeType, reader.LocalName)
                {
                    case (XmlNodeType.Element, "t"):
                        package.AppendText(reader, text);
                        break;
                    case (XmlNodeType.Element, "tab") or (XmlNodeType.EndElement, "tc"):
                        text.Break(' ');
                        break;
                    case (XmlNodeType.Element, "br" or "cr") or (XmlNodeType.EndElement, "p"):
                        text.Break('\n');
                        break;
                }

                return !text.IsCut;
            });
            isRequired = false;
        }
    }

    private static string? ReadTitle(OfficePackage package)
    {
        var title = new TextCollector(1000);
        package.Read(package.PartOf("/core-properties", "docProps/core.xml"), isRequired: false, reader =>
        {
            if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "title")
            {
                package.AppendText(reader, title);
            }

            return title.Length == 0;
        });
        return TextCollector.TitleOf(title.Finish());
    }
}
