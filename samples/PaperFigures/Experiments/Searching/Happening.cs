namespace PaperFigures.Experiments.Searching;

/// <summary>Is what happens next in the simulated world.</summary>
internal readonly record struct Happening(Action Happen);
