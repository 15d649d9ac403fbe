namespace PaperFigures.Output;

/// <summary>Is what an experiment found.</summary>
/// <param name="Title">What was measured, and over how many trials.</param>
/// <param name="Columns">The heads of the table.</param>
/// <param name="Rows">The rows of the table, as shown and as written to the CSV file.</param>
/// <param name="Chart">The picture of it.</param>
/// <param name="Keys">The figures for programs, with keys in snake_case.</param>
internal sealed record Figures(
    string Title,
    IReadOnlyList<string> Columns,
    IReadOnlyList<IReadOnlyList<string>> Rows,
    Chart Chart,
    IReadOnlyList<(string Key, object Value)> Keys)
{
    /// <summary>Further pictures, each with what its file is called after the experiment's name.</summary>
    public IReadOnlyList<(string Name, Chart Chart)> Charts { get; init; } = [];

    /// <summary>Tables that are too long to be shown, each with what its file is called after the experiment's name: a row of heads, and the others.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<IReadOnlyList<string>> Rows)> Tables { get; init; } = [];
}
