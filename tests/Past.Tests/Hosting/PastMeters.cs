using System.Diagnostics.Metrics;
using P2P.Past;

namespace Past.Tests.Hosting;

/// <summary>Collects what PAST's meter shows.</summary>
internal sealed class PastMeters : IMeterFactory
{
    private readonly Meter _meter = new(PastTelemetry.MeterName);
    private readonly Dictionary<string, long> _values = [];
    private readonly MeterListener _listener = new();

    public PastMeters()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == _meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _values[tags.Length == 0 ? instrument.Name : $"{instrument.Name}/{tags[0].Value}"] = value);
        _listener.Start();
    }

    public Meter Create(MeterOptions options) => _meter;

    /// <summary>Reads an instrument as it is now; of one that counts what happens, the last step, under its name and tag.</summary>
    public long Read(string name)
    {
        _listener.RecordObservableInstruments();
        return _values[name];
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }
}
