using Benchmarks.Bloom;
using Benchmarks.Hostile;
using Benchmarks.Overload;
using Benchmarks.Route;

if (await CrowdProcess.TryRunAsync(args))
{
    return 0;
}

return args switch
{
    ["route", .. var rest] => await RouteBenchmark.RunAsync(quick: rest.Contains("--quick")),
    ["hostile", .. var rest] => await HostileBenchmark.RunAsync(quick: rest.Contains("--quick")),
    ["overload", .. var rest] => await OverloadBenchmark.RunAsync(quick: rest.Contains("--quick")),
    ["bloom", .. var rest] => BloomBenchmark.Run(quick: rest.Contains("--quick")),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project tests/Benchmarks -- route|hostile|overload|bloom [--quick]");
    return 2;
}
