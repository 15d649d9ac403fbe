using Benchmarks.Backup;
using Benchmarks.Bloom;
using Benchmarks.Coordinator;
using Benchmarks.Dns;
using Benchmarks.Hostile;
using Benchmarks.Overload;
using Benchmarks.Past;
using Benchmarks.ReplicaStore;
using Benchmarks.Replicate;
using Benchmarks.Route;
using Benchmarks.Scribe;
using Benchmarks.Search;
using Benchmarks.Site;
using Benchmarks.Tunnels;

if (await CrowdProcess.TryRunAsync(args) || await OpeningProcess.TryRunAsync(args) || await CoordinatorProcess.TryRunAsync(args) || await PeerProcess.TryRunAsync(args))
{
    return 0;
}

return args switch
{
    ["route", .. var rest] => await RouteBenchmark.RunAsync(quick: rest.Contains("--quick")),
    ["hostile", .. var rest] => await HostileBenchmark.RunAsync(quick: rest.Contains("--quick")),
    ["overload", .. var rest] => await OverloadBenchmark.RunAsync(quick: rest.Contains("--quick")),
    ["past", .. var rest] => await PastBenchmark.RunAsync(quick: rest.Contains("--quick")),
    ["scribe", .. var rest] => await ScribeBenchmark.RunAsync(quick: rest.Contains("--quick"), [.. rest.Where(word => word != "--quick")]),
    ["backup", .. var rest] => BackupBenchmark.Run(quick: rest.Contains("--quick")),
    ["bloom", .. var rest] => BloomBenchmark.Run(quick: rest.Contains("--quick")),
    ["coordinator", .. var rest] => await CoordinatorBenchmark.RunAsync(quick: rest.Contains("--quick")),
    ["dns", .. var rest] => await DnsBenchmark.RunAsync(quick: rest.Contains("--quick")),
    ["replicate", .. var rest] => await ReplicateBenchmark.RunAsync(quick: rest.Contains("--quick")),
    ["replica-store", .. var rest] => await ReplicaStoreBenchmark.RunAsync(rest),
    ["search", .. var rest] => await SearchBenchmark.RunAsync(quick: rest.Contains("--quick")),
    ["site", .. var rest] => await SiteBenchmark.RunAsync(quick: rest.Contains("--quick")),
    ["tunnel", .. var rest] => await TunnelBenchmark.RunAsync(quick: rest.Contains("--quick")),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project tests/Benchmarks -- backup|route|hostile|overload|past|scribe|bloom|coordinator|dns|replica-store|replicate|search|site|tunnel [--quick]");
    return 2;
}
