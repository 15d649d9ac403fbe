using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Node.Tests;

/// <summary>Takes what comes by OTLP over HTTP, and reads of it the names of metrics and spans, and what they are of.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly ConcurrentDictionary<string, bool> _metrics = new();
    private readonly ConcurrentDictionary<string, bool> _spans = new();
    private readonly ConcurrentDictionary<string, bool> _others = new();

    private OtlpCollector()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _web = builder.Build();
        _web.Run(TakeAsync);
    }

    public string Url => _web.Urls.First();

    public ISet<string> Metrics => _metrics.Keys.ToHashSet();

    public ISet<string> Spans => _spans.Keys.ToHashSet();

    public ConcurrentDictionary<string, string> Resource { get; } = new();

    public static async Task<OtlpCollector> StartAsync(CancellationToken cancellationToken)
    {
        var collector = new OtlpCollector();
        await collector._web.StartAsync(cancellationToken);
        return collector;
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    /// <summary>Reads opentelemetry.proto.collector: resource_metrics and resource_spans have the same form down to the names.</summary>
    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var (names, nameField) = context.Request.Path.Value switch
        {
            "/v1/metrics" => (_metrics, 1),
            "/v1/traces" => (_spans, 5),
            _ => (_others, 5),
        };
        foreach (var ofResource in Fields(body.ToArray(), 1))
        {
            foreach (var attribute in Fields(ofResource, 1).SelectMany(resource => Fields(resource, 1)))
            {
                var text = Fields(attribute, 2).SelectMany(value => Fields(value, 1)).FirstOrDefault() ?? [];
                Resource[Text(Fields(attribute, 1).Single())] = Text(text);
            }

            foreach (var item in Fields(ofResource, 2).SelectMany(scope => Fields(scope, 2)))
            {
                names[Text(Fields(item, nameField).Single())] = true;
            }
        }
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>Gives the values of a field of a protobuf message that are strings, bytes or messages.</summary>
    private static IEnumerable<byte[]> Fields(byte[] message, int number)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = ReadVarint(message, ref at);
            switch (key & 7)
            {
                case 0:
                    ReadVarint(message, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 2:
                    var length = (int)ReadVarint(message, ref at);
                    if ((int)(key >> 3) == number)
                    {
                        yield return message[at..(at + length)];
                    }

                    at += length;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"There is no wire type {key & 7}.");
            }
        }
    }

    private static ulong ReadVarint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
