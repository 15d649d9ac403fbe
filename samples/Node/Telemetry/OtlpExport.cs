using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NodeSample.Health;
using NodeSample.Settings;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using P2P.Past;
using P2P.Pastry;

namespace NodeSample.Telemetry;

/// <summary>
/// Sends metrics, traces and log lines to a collector by OTLP, where one is named: by <c>--otlp</c>, or by OpenTelemetry's own variables such as <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>. All other
/// of these variables count as ever; what is not known to anybody costs nothing.
/// </summary>
internal static class OtlpExport
{
    private const string ServiceName = "p2p-node";
    private const string ProtocolVariable = "OTEL_EXPORTER_OTLP_PROTOCOL";

    /// <summary>What .NET tells of itself: memory, collections, threads, processor time.</summary>
    private const string RuntimeMeterName = "System.Runtime";

    private static readonly string[] EndpointVariables =
    [
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    ];

    /// <summary>Adds the export to the host, where it is asked for.</summary>
    public static void AddTo(IHostApplicationBuilder builder, NodeSettings settings, NodeId node)
    {
        if (settings.Otlp is null && !EndpointVariables.Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 }))
        {
            return;
        }

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService(ServiceName, serviceVersion: HealthCheck.Version, autoGenerateServiceInstanceId: false, serviceInstanceId: node.ToString())
                // What the environment says goes before that.
                .AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics.AddMeter(PastryTelemetry.MeterName, PastTelemetry.MeterName, RuntimeMeterName))
            .WithTracing(traces => traces.AddSource(PastryTelemetry.ActivitySourceName, PastTelemetry.ActivitySourceName, NodeTelemetry.ActivitySourceName));
        if (settings.Otlp is { } url)
        {
            telemetry.UseOtlpExporter(Environment.GetEnvironmentVariable(ProtocolVariable) == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf, url);
        }
        else
        {
            telemetry.UseOtlpExporter();
        }
    }
}
