using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using P2P.YouServ;

namespace P2P.YouSearch.Hosting;

/// <summary>Is what a registrar stands on.</summary>
internal sealed class RegistrarParts
{
    /// <summary>Who holds the bits; the registrar disposes of it.</summary>
    public required ISummaryVectors Vectors { get; init; }

    public required SiteFollower Places { get; init; }

    public required IPeerProbe Probe { get; init; }

    public required TimeProvider Clock { get; init; }

    public required ILogger Logger { get; init; }

    public IMeterFactory? MeterFactory { get; init; }
}
