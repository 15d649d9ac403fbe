namespace Node.Tests;

/// <summary>Is what a process said and how it ended.</summary>
internal sealed record VerbOutcome(int ExitCode, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)
{
    public string LastLine => Output[^1];

    public override string ToString() => $"{ExitCode}: {string.Join(Environment.NewLine, [.. Output, .. Errors])}";

    /// <summary>Asserts that it failed with one line on stderr.</summary>
    public void AssertFailed(int exitCode, string reason)
    {
        Assert.True(ExitCode == exitCode, ToString());
        Assert.StartsWith("error: ", Assert.Single(Errors), StringComparison.Ordinal);
        Assert.Contains(reason, Errors[0], StringComparison.Ordinal);
    }
}
