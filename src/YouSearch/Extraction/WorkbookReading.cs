using System.Xml;

namespace P2P.YouSearch.Extraction;

/// <summary>Reads a workbook: the names of its sheets, and what stands in their cells, row by row.</summary>
internal static class WorkbookReading
{
    /// <summary>How many characters of one cell are kept: as many as a cell may have.</summary>
    private const int CellLengthMax = 32_767;

    private const int SharedMax = 1 << 20;

    /// <summary>Reads a workbook.</summary>
    public static void Read(OfficePackage package, TextCollector text)
    {
        package.Read("xl/workbook.xml", isRequired: true, reader =>
        {
            if (reader is { NodeType: XmlNodeType.Element, LocalName: "sheet" })
            {
                text.Append(reader.GetAttribute("name"));
                text.Break('\n');
            }

            return !text.IsCut;
        });
        var shared = ReadShared(package, text.LengthMax);
        foreach (var sheet in package.Parts("xl/worksheets/", "sheet").TakeWhile(_ => !text.IsCut))
        {
            ReadSheet(package, sheet, shared, text);
        }
    }

    /// <summary>Reads the texts that cells refer to by number. No more of them is kept than could be shown if each stood in one cell.</summary>
    private static List<string> ReadShared(OfficePackage package, int lengthMax)
    {
        var shared = new List<string>();
        var (text, length, isPhonetic) = (new TextCollector(CellLengthMax), 0L, false);
        package.Read("xl/sharedStrings.xml", isRequired: false, reader =>
        {
            switch (reader.NodeType, reader.LocalName)
            {
                case (XmlNodeType.Element, "t") when !isPhonetic:
                    package.AppendText(reader, text);
                    break;
                case (XmlNodeType.Element, "rPh"):
                    isPhonetic = !reader.IsEmptyElement;
                    break;
                case (XmlNodeType.EndElement, "rPh"):
                    isPhonetic = false;
                    break;
                case (XmlNodeType.EndElement, "si") or (XmlNodeType.Element, "si") when reader.NodeType == XmlNodeType.EndElement || reader.IsEmptyElement:
                    shared.Add(text.Finish());
                    length += text.Length;
                    text = new TextCollector(CellLengthMax);
                    break;
            }

            return length < lengthMax && shared.Count < SharedMax;
        });
        return shared;
    }

    private static void ReadSheet(OfficePackage package, string sheet, List<string> shared, TextCollector text)
    {
        var type = "";
        package.Read(sheet, isRequired: false, reader =>
        {
            switch (reader.NodeType, reader.LocalName)
            {
                case (XmlNodeType.Element, "c"):
                    type = reader.GetAttribute("t") ?? "";
                    break;
                case (XmlNodeType.Element, "v"):
                    var value = new TextCollector(CellLengthMax);
                    package.AppendText(reader, value);
                    text.Append(type != "s" ? value.Finish() : OfficePackage.NumberOf(value.Finish().Trim()) is { } number && number < shared.Count ? shared[number] : "");
                    text.Break(' ');
                    break;
                case (XmlNodeType.Element, "t") when type == "inlineStr":
                    package.AppendText(reader, text);
                    break;
                case (XmlNodeType.EndElement, "c"):
                    text.Break(' ');
                    break;
                case (XmlNodeType.EndElement, "row"):
                    text.Break('\n');
                    break;
            }

            return !text.IsCut;
        });
    }
}
