using System.CommandLine;
using System.CommandLine.Parsing;
using P2P.Past;

namespace NodeSample.Commands;

/// <summary>Reads ids of files from the command line.</summary>
internal static class FileIds
{
    public static Argument<FileId> Argument() => new("ID")
    {
        Description = "The id that put printed.",
        CustomParser = result => Parse(result).FirstOrDefault(),
    };

    public static Option<FileId[]> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "ID",
        CustomParser = Parse,
    };

    private static FileId[] Parse(ArgumentResult result)
    {
        var ids = new List<FileId>();
        foreach (var token in result.Tokens)
        {
            if (FileId.TryParse(token.Value, null, out var id))
            {
                ids.Add(id);
            }
            else
            {
                result.AddError($"'{token.Value}' is not a file id: 40 hexadecimal digits are expected.");
            }
        }

        return [.. ids];
    }
}
