using System.Runtime.CompilerServices;
using System.Text;

namespace Pastry.Tests;

/// <summary>
/// Compares a text that a person has approved with what the code makes now. The approved text lies beside the test in
/// <c>Class.Method.verified.txt</c>; where it differs, <c>Class.Method.received.txt</c> is written next to it.
/// </summary>
internal static class Approve
{
    public static void Text(string received, [CallerFilePath] string file = "", [CallerMemberName] string method = "")
    {
        var stem = Path.Combine(Path.GetDirectoryName(file)!, $"{Path.GetFileNameWithoutExtension(file)}.{method}");
        var (verifiedPath, receivedPath) = ($"{stem}.verified.txt", $"{stem}.received.txt");
        var actual = received.ReplaceLineEndings("\n").TrimEnd() + "\n";
        var approved = File.Exists(verifiedPath) ? File.ReadAllText(verifiedPath).ReplaceLineEndings("\n") : null;
        if (approved == actual)
        {
            File.Delete(receivedPath);
            return;
        }

        File.WriteAllText(receivedPath, actual, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        Assert.Fail(approved is null
            ? $"Nothing is approved yet. Read {receivedPath}, and rename it to {Path.GetFileName(verifiedPath)} if it is right."
            : $"{FirstDifference(approved, actual)} Compare {receivedPath} with {Path.GetFileName(verifiedPath)}, and replace that if the change is meant.");
    }

    private static string FirstDifference(string approved, string actual)
    {
        var (expectedLines, actualLines) = (approved.Split('\n'), actual.Split('\n'));
        var line = 0;
        while (line < Math.Min(expectedLines.Length, actualLines.Length) && expectedLines[line] == actualLines[line])
        {
            line++;
        }

        return $"Line {line + 1} was approved as '{At(expectedLines, line)}' and is '{At(actualLines, line)}'.";

        static string At(string[] lines, int line) => line < lines.Length ? lines[line] : "(end of the text)";
    }
}
