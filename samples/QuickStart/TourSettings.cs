namespace QuickStart;

/// <summary>Holds what the command line says.</summary>
internal sealed record TourSettings
{
    /// <summary>The folder that the tour is about.</summary>
    public required string Input { get; init; }

    public required int Nodes { get; init; }

    /// <summary>Where everything is kept; null for a folder that goes at the end.</summary>
    public string? Work { get; init; }

    /// <summary>The port of the dashboard's page; 0 for a free one.</summary>
    public int Port { get; init; }

    /// <summary>Whether to open the page in the browser.</summary>
    public bool Opens { get; init; }
}
