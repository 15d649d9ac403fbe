using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using A = DocumentFormat.OpenXml.Drawing;
using P = DocumentFormat.OpenXml.Presentation;
using S = DocumentFormat.OpenXml.Spreadsheet;
using W = DocumentFormat.OpenXml.Wordprocessing;

namespace YouSearch.Tests.Extraction;

/// <summary>Makes files of Office Open XML by the library that those who specified it keep.</summary>
internal static class OfficeFiles
{
    public static byte[] Document(string title = "Annual\nReport", string paragraph = "Über 漢字")
    {
        var bytes = new MemoryStream();
        using (var document = WordprocessingDocument.Create(bytes, WordprocessingDocumentType.Document))
        {
            document.PackageProperties.Title = title;
            var main = document.AddMainDocumentPart();
            main.Document = new W.Document(new W.Body(
                new W.Paragraph(new W.Run(new W.Text("First para")), new W.Run(new W.Text("graph"))),
                new W.Paragraph(new W.Run(new W.Text(paragraph))),
                new W.Table(new W.TableRow(Cell("left"), Cell("right")))));
            main.AddNewPart<FootnotesPart>().Footnotes = new W.Footnotes(new W.Footnote(new W.Paragraph(new W.Run(new W.Text("A footnote")))) { Id = 1 });
        }

        return bytes.ToArray();

        static W.TableCell Cell(string text) => new(new W.Paragraph(new W.Run(new W.Text(text), new W.TabChar())));
    }

    public static byte[] Workbook()
    {
        var bytes = new MemoryStream();
        using (var document = SpreadsheetDocument.Create(bytes, SpreadsheetDocumentType.Workbook))
        {
            var book = document.AddWorkbookPart();
            book.AddNewPart<SharedStringTablePart>().SharedStringTable = new S.SharedStringTable(
                new S.SharedStringItem(new S.Text("bread")),
                new S.SharedStringItem(new S.Run(new S.Text("wi")), new S.Run(new S.Text("ne")), new S.PhoneticRun(new S.Text("hidden")) { BaseTextStartIndex = 0, EndingBaseIndex = 1 }));
            var sheet = book.AddNewPart<WorksheetPart>();
            sheet.Worksheet = new S.Worksheet(new S.SheetData(
                new S.Row(
                    new S.Cell(new S.CellValue("1")) { DataType = S.CellValues.SharedString },
                    new S.Cell(new S.CellValue("12.5")),
                    new S.Cell(new S.InlineString(new S.Text("inline text"))) { DataType = S.CellValues.InlineString }),
                new S.Row(
                    new S.Cell(new S.CellValue("0")) { DataType = S.CellValues.SharedString },
                    new S.Cell(new S.CellValue("99")) { DataType = S.CellValues.SharedString })));
            book.Workbook = new S.Workbook(new S.Sheets(new S.Sheet { Name = "Budget", SheetId = 1, Id = book.GetIdOfPart(sheet) }));
        }

        return bytes.ToArray();
    }

    public static byte[] Presentation(int slides, string text = "Slide ")
    {
        var bytes = new MemoryStream();
        using (var document = PresentationDocument.Create(bytes, PresentationDocumentType.Presentation))
        {
            var main = document.AddPresentationPart();
            main.Presentation = new P.Presentation();
            for (var slide = 1; slide <= slides; slide++)
            {
                main.AddNewPart<SlidePart>().Slide = new P.Slide(new P.CommonSlideData(new P.ShapeTree(
                    new P.Shape(new P.TextBody(new A.BodyProperties(), new A.Paragraph(new A.Run(new A.Text(text)), new A.Run(new A.Text($"{slide}"))))))));
            }
        }

        return bytes.ToArray();
    }
}
