using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>What stands under src/*/Protocol is a pure state machine: the instant, randomness and the world are arguments.</summary>
public sealed partial class PurityTests
{
    public static TheoryData<string> ProtocolFiles =>
        [.. Repository.Files("src", "*.cs").Where(file => file.Split('/') is [_, _, "Protocol", ..])];

    [Theory]
    [MemberData(nameof(ProtocolFiles))]
    public void A_machine_neither_waits_nor_reads_a_clock_nor_touches_the_world(string file)
    {
        var lines = CodeText.CodeOf(Repository.Read(file)).Split('\n');
        Assert.Empty(lines.SelectMany((line, index) => Impure().Matches(line).Select(match => $"{file}:{index + 1}: {match.Value}")));
    }

    [Theory]
    [InlineData("await x;")]
    [InlineData("Task<int> x;")]
    [InlineData("lock (x)")]
    [InlineData("DateTimeOffset.UtcNow")]
    [InlineData("Guid.NewGuid()")]
    [InlineData("new Random(1)")]
    [InlineData("File.OpenRead(x)")]
    public void The_search_finds_what_is_impure(string code) => Assert.Matches(Impure(), code);

    [Theory]
    [InlineData("state.Random.Next()")]
    [InlineData("Taskmaster.Lock")]
    [InlineData("DateTimeOffset.FromUnixTimeMilliseconds(x)")]
    public void The_search_passes_what_is_pure(string code) => Assert.DoesNotMatch(Impure(), code);

    [Fact]
    public void The_compiler_too_refuses_banned_symbols_in_machines()
    {
        var rules = Repository.Read(".editorconfig");
        var section = rules[rules.IndexOf("[src/*/Protocol/**.cs]", StringComparison.Ordinal)..];
        Assert.Contains("dotnet_diagnostic.RS0030.severity = error", section.Split("\n[")[0], StringComparison.Ordinal);
        Assert.Contains("BannedSymbols.txt", Repository.Read("src/Directory.Build.props"), StringComparison.Ordinal);
        Assert.Contains("Microsoft.CodeAnalysis.BannedApiAnalyzers", Repository.Read("Directory.Build.props"), StringComparison.Ordinal);
        Assert.Contains("P:System.DateTime.UtcNow", Repository.Read("BannedSymbols.txt"), StringComparison.Ordinal);
    }

    [GeneratedRegex("""
        \b(?:async|await|lock|volatile|Task|ValueTask|TaskCompletionSource|Interlocked|Monitor|Semaphore\w*|CancellationToken\w*)\b
        |\b(?:Thread|ThreadPool|ThreadLocal|AsyncLocal|Channel|Timer|PeriodicTimer|TimeProvider|Stopwatch)\b
        |\bDateTime(?:Offset)?\.(?:Now|UtcNow|Today)\b
        |\bEnvironment\.\w+
        |\bRandom\.Shared\b|\bnew\s+(?:System\.)?Random\b|\bGuid\.NewGuid\b|\bRandomNumberGenerator\b
        |\bSystem\.(?:IO|Net)\b|\b(?:File|FileStream|Directory|Stream|Socket|HttpClient|Process|Console)\b
        |\b(?:ECDsa\w*|SHA1|SHA256|HMACSHA256)\b
        |\bConcurrent\w+|\bImmutable(?:Dictionary|HashSet)\b|\bILogger\b
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Impure();
}
