using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Hosts;

/// <summary>Collects what was measured, for people and for the line of JSON at the end.</summary>
internal sealed class Figures
{
    private readonly Dictionary<string, object> _all = [];
    private readonly List<string> _ofStep = [];

    public void Add(string name, double value)
    {
        var rounded = Math.Round(value, 2);
        _all.Add(name, rounded);
        _ofStep.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {rounded}"));
    }

    /// <summary>Measures how many seconds something takes.</summary>
    public async Task TimeAsync(string name, Task work)
    {
        var clock = Stopwatch.StartNew();
        await work;
        Add(name, clock.Elapsed.TotalSeconds);
    }

    /// <summary>Gives what was added since this was asked last.</summary>
    public string TakeOfStep()
    {
        var text = string.Join(", ", _ofStep);
        _ofStep.Clear();
        return text;
    }

    public string ToJson() => JsonSerializer.Serialize(_all);
}
