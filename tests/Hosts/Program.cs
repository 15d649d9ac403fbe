using System.Runtime.InteropServices;
using Hosts;
using Hosts.Network;

// Ends itself, whatever happens: nothing of it is longer than this.
using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(9));
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

if (Machine.Refusal() is { } refusal)
{
    var isRequired = args.Contains("--required");
    Console.WriteLine($"{(isRequired ? "FAILED" : "skipped")}: this machine gives no hosts to test on: {refusal}.");
    Console.WriteLine(isRequired ? "0 passed, 1 failed" : $"0 passed, 0 failed, {Scenario.StepCount} skipped");
    return isRequired ? 1 : 0;
}

return await Scenario.RunAsync(limit.Token) ? 0 : 1;

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    limit.Cancel();
}
