namespace BackupTool.Tests.Files;

/// <summary>Collects what is reported.</summary>
internal sealed class Problems
{
    private readonly List<(string Path, string Problem)> _all = [];

    public IReadOnlyList<(string Path, string Problem)> All => _all;

    public void Add(string path, string problem) => _all.Add((path, problem));

    public void AssertNone() => Assert.Empty(_all);

    /// <summary>Expects one problem, with a path that ends so and a text that contains this.</summary>
    public void AssertOne(string path, string problem)
    {
        var only = Assert.Single(_all);
        Assert.EndsWith(path, only.Path, StringComparison.Ordinal);
        Assert.Contains(problem, only.Problem, StringComparison.Ordinal);
    }
}
