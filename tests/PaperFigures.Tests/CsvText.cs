using System.Text;

namespace PaperFigures.Tests;

/// <summary>Reads comma separated values, after RFC 4180.</summary>
internal static class CsvText
{
    public static List<List<string>> Parse(string text)
    {
        var (rows, row, field, isQuoted) = (new List<List<string>>(), new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"' when isQuoted && i + 1 < text.Length && text[i + 1] == '"':
                    field.Append('"');
                    i++;
                    break;
                case '"':
                    isQuoted = !isQuoted;
                    break;
                case ',' or '\n' when !isQuoted:
                    row.Add(field.ToString());
                    field.Clear();
                    if (text[i] == '\n')
                    {
                        rows.Add(row);
                        row = [];
                    }

                    break;
                default:
                    field.Append(text[i]);
                    break;
            }
        }

        Assert.False(isQuoted, "A quotation does not end.");
        Assert.True(row.Count == 0 && field.Length == 0, "The last line does not end.");
        return rows;
    }
}
