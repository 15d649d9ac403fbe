namespace Architecture.Tests;

public sealed class CodeTextTests
{
    [Theory]
    [InlineData("a(); // Task", "a();")]
    [InlineData("a(/* Task */ b);", "a( b);")]
    [InlineData("a(\"Task \\\" Task\", b);", "a(, b);")]
    [InlineData("a(@\"Task \"\" \\\", b);", "a(, b);")]
    [InlineData("a($\"Task {b.C(\"Task\")} {{Task}}\");", "a(b.C());")]
    [InlineData("a(\"\"\"Task \"Task\" \"\"\", b);", "a(, b);")]
    [InlineData("a($$\"\"\"Task {Task} {{b}} \"\"\");", "a(b);")]
    [InlineData("a('\"', b, '\\'');", "a(, b, );")]
    public void Code_is_what_stands_outside_of_comments_and_literals(string source, string code) =>
        Assert.Equal(Dense(code), Dense(CodeText.CodeOf(source)));

    [Fact]
    public void Comments_keep_their_lines() =>
        Assert.Equal("    \n     // why", CodeText.CommentsOf("a();\nb(); // why"));

    private static string Dense(string text) => text.Replace(" ", "", StringComparison.Ordinal);
}
