using System.Diagnostics;
using System.Globalization;
using NativeSmoke;

// What the machine needed until this line: the runtime is in the program, and nothing is compiled any more.
var startUp = DateTime.Now - Process.GetCurrentProcess().StartTime;
var length = new FileInfo(Environment.ProcessPath!).Length;
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{length / 1e6:0.0} MB, started in {startUp.TotalMilliseconds:0} ms."));

(string Claim, Func<Workplace, Task> Run)[] steps =
[
    ("A filter travels, and so does what has changed of it", FilterStep.RunAsync),
    ("The node closest to a key answers for it, over TCP and TLS", RoutingStep.RunAsync),
    ("A small and a large file come back from disks, and from one opened again", ArchiveStep.RunAsync),
    ("Members receive what is published, in one order", GroupStep.RunAsync),
    ("A person signs in and has a site, which a visitor reads and a search finds", SiteStep.RunAsync),
];

var passed = 0;
foreach (var (claim, run) in steps)
{
    using var workplace = new Workplace(TimeSpan.FromMinutes(1));
    try
    {
        await run(workplace);
        passed++;
        Console.WriteLine($"passed  {claim}");
    }
    catch (Exception failure)
    {
        Console.WriteLine($"FAILED  {claim}: {failure}");
    }
}

Console.WriteLine($"{passed} passed, {steps.Length - passed} failed");
return passed == steps.Length ? 0 : 1;
