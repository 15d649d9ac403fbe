using System.CommandLine;
using PaperFigures.Output;

namespace PaperFigures.Experiments;

/// <summary>Is one experiment of a paper.</summary>
internal interface IExperiment
{
    /// <summary>What it is called on the command line.</summary>
    string Name { get; }

    /// <summary>What it shows, in one sentence.</summary>
    string Description { get; }

    /// <summary>What can be set.</summary>
    IReadOnlyList<Option> Options { get; }

    /// <summary>Runs the experiment to its end.</summary>
    Figures Run(ParseResult arguments, ulong seed);
}
