using System.Text.Json;

namespace BackupTool.Tests.EndToEnd;

/// <summary>Is what a process said and how it ended.</summary>
internal sealed record Outcome(int ExitCode, IReadOnlyList<string> Lines, string Errors)
{
    /// <summary>What it says in its last line, for programs.</summary>
    public JsonElement Summary => JsonElement.Parse(Lines[^1]);

    /// <summary>The paths of which it said what was wrong with them.</summary>
    public IReadOnlyList<string> Problems => [.. All("problem").Select(line => line.GetProperty("path").GetString()!)];

    /// <summary>Gives a number of the summary.</summary>
    public long this[string name] => Summary.GetProperty(name).GetInt64();

    /// <summary>All lines of a type.</summary>
    public IEnumerable<JsonElement> All(string type) => Lines.Select(line => JsonElement.Parse(line)).Where(line => line.GetProperty("type").GetString() == type);

    public Outcome AssertEnded(ExitCode code)
    {
        Assert.True(ExitCode == (int)code, $"{ExitCode}, expected {code}: {string.Join(Environment.NewLine, Lines)}{Environment.NewLine}{Errors}");
        return this;
    }

    /// <summary>Expects that it failed with one sentence.</summary>
    public void AssertFailed(ExitCode code, string reason)
    {
        AssertEnded(code);
        Assert.StartsWith("error: ", Errors, StringComparison.Ordinal);
        Assert.Contains(reason, Errors, StringComparison.Ordinal);
        Assert.Single(Errors.TrimEnd().Split('\n'));
    }

    public override string ToString() => $"{ExitCode}: {string.Join(Environment.NewLine, Lines)}{Environment.NewLine}{Errors}";
}
