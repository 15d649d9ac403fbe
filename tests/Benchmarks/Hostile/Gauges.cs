using System.Diagnostics.Metrics;

namespace Benchmarks.Hostile;

/// <summary>Follows what a host's transport counts, and what the process costs, and keeps the peaks.</summary>
internal sealed class Gauges : IMeterFactory
{
    private const double MiB = 1 << 20;

    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _sums = [];
    private readonly Dictionary<string, long> _peaks = [];
    private readonly List<Meter> _meters = [];
    private readonly Lock _gate = new();

    public Gauges()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == this)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument.Name["p2p.pastry.transport.".Length..], value));
        _listener.Start();
    }

    public double PeakRssMiB { get; private set; }

    public static double RssMiB => Environment.WorkingSet / MiB;

    /// <summary>How many sockets the process has; known on Linux only, and 0 elsewhere.</summary>
    public static int Sockets => OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Count(IsSocket) : 0;

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(new MeterOptions(options.Name) { Scope = this });
        _meters.Add(meter);
        return meter;
    }

    public void Sample() => PeakRssMiB = Math.Max(PeakRssMiB, RssMiB);

    public long Sum(string name)
    {
        lock (_gate)
        {
            return _sums.GetValueOrDefault(name);
        }
    }

    public long Peak(string name)
    {
        lock (_gate)
        {
            return _peaks.GetValueOrDefault(name);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.ForEach(meter => meter.Dispose());
    }

    private static bool IsSocket(string handle)
    {
        try
        {
            return File.ResolveLinkTarget(handle, returnFinalTarget: false)?.Name.StartsWith("socket:", StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            // It was closed meanwhile.
            return false;
        }
    }

    private void Add(string name, long value)
    {
        lock (_gate)
        {
            var sum = _sums[name] = _sums.GetValueOrDefault(name) + value;
            _peaks[name] = Math.Max(_peaks.GetValueOrDefault(name), sum);
        }
    }
}
