using System.CommandLine;
using PaperFigures.Experiments.Searching;
using PaperFigures.Output;

namespace PaperFigures.Experiments;

/// <summary>YouSearch (WWW 2003), and its slides: how long searches take over the network, and with answers that peers have gathered before.</summary>
internal sealed class YouSearchTimes : IExperiment
{
    private readonly Option<int> _peers = new("--peers") { Description = "How many peers there are, at least 50.", DefaultValueFactory = _ => 1_500 };
    private readonly Option<int> _queries = new("--queries") { Description = "How many searches are made in an hour.", DefaultValueFactory = _ => 1_400 };

    public string Name => "yousearch";

    public string Description => "How long searches take that ask the peers which a registrar names, and what kept answers save.";

    public IReadOnlyList<Option> Options => [_peers, _queries];

    public Figures Run(ParseResult arguments, ulong seed)
    {
        var setup = new SearchSetup(seed, arguments.GetValue(_peers), arguments.GetValue(_queries));
        var world = new SearchWorld(setup);
        return new SearchFigures(
            world,
            SearchRunner.Measure(world, usesCache: false, changes: false),
            SearchRunner.Measure(world, usesCache: true, changes: true)).ToFigures();
    }
}
