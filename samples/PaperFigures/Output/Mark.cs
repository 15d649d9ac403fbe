namespace PaperFigures.Output;

/// <summary>Says how a series is drawn.</summary>
internal enum Mark
{
    /// <summary>As points that a line joins.</summary>
    Points,

    /// <summary>As a broken line, for what is computed and not measured.</summary>
    Dashes,

    /// <summary>As steps: each value holds until the next.</summary>
    Steps,
}
