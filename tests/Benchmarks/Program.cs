using Benchmarks.Bloom;
using Benchmarks.Route;

return args switch
{
    ["route", .. var rest] => await RouteBenchmark.RunAsync(quick: rest.Contains("--quick")),
    ["bloom", .. var rest] => BloomBenchmark.Run(quick: rest.Contains("--quick")),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project tests/Benchmarks -- route|bloom [--quick]");
    return 2;
}
