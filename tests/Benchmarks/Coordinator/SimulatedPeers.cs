using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using P2P.YouServ.Wire;

namespace Benchmarks.Coordinator;

/// <summary>
/// Says to a coordinator over HTTP what so many peers say, each over a connection of its own, and answers when it connects back. How long each answer took is kept.
/// </summary>
internal sealed class SimulatedPeers(Uri coordinator, int count) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> _tokens = new(StringComparer.OrdinalIgnoreCase);
    private readonly HttpClient[] _clients = [.. Enumerable.Range(0, count).Select(_ => new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 }) { BaseAddress = coordinator })];
    private readonly string[] _leases = new string[count];
    private WebApplication? _sites;
    private int _port;

    public ConcurrentBag<double> SignIns { get; } = [];

    public ConcurrentBag<double> Leases { get; } = [];

    public ConcurrentBag<double> Heartbeats { get; } = [];

    public int Failures { get; private set; }

    /// <summary>Lets all peers sign in and get their names, so many a second.</summary>
    public async Task MoveInAsync(double perSecond)
    {
        await StartSitesAsync();
        await SpreadAsync(count, perSecond, async index =>
        {
            await SignInAsync(index);
            await AskAsync(index);
        });
    }

    /// <summary>Lets all peers send heartbeats at their interval, and some sign in anew, for a while.</summary>
    public Task LiveAsync(TimeSpan span, TimeSpan heartbeatInterval)
    {
        var perSecond = count / heartbeatInterval.TotalSeconds;
        return SpreadAsync((int)(perSecond * span.TotalSeconds), perSecond, async number =>
        {
            var index = number % count;
            if (number % 50 == 0)
            {
                await SignInAsync(index);
                await AskAsync(index);
            }
            else
            {
                var reply = await PostAsync("peer/heartbeat", index, new HeartbeatRequest { LeaseId = _leases[index] }, WireJson.Default.HeartbeatRequest, WireJson.Default.HeartbeatReply, Heartbeats);
                Failures += reply is { IsRenewed: true } ? 0 : 1;
            }
        });
    }

    /// <summary>Forgets how long answers took.</summary>
    public void Forget()
    {
        SignIns.Clear();
        Leases.Clear();
        Heartbeats.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        if (_sites is not null)
        {
            await _sites.DisposeAsync();
        }
    }

    private async Task SignInAsync(int index)
    {
        var reply = await PostAsync("peer/sign-in", index, new SignInRequest { User = $"p{index}@example.org", Password = "any password" }, WireJson.Default.SignInRequest, WireJson.Default.SignInReply, SignIns);
        if (reply is null)
        {
            Failures++;
            return;
        }

        _clients[index].DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", reply.Token);
        _tokens[$"{reply.Site}.{CoordinatorProcess.Zone}"] = Token.Hash(reply.Token);
    }

    private async Task AskAsync(int index)
    {
        var reply = await PostAsync("peer/lease", index, new LeaseRequest { Port = _port }, WireJson.Default.LeaseRequest, WireJson.Default.LeaseReply, Leases);
        Failures += reply is null ? 1 : 0;
        _leases[index] = reply?.LeaseId ?? "";
    }

    private async Task<TReply?> PostAsync<TRequest, TReply>(
        string path, int index, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TReply> replyType, ConcurrentBag<double> times)
        where TReply : class
    {
        var begun = Stopwatch.GetTimestamp();
        using var content = JsonContent.Create(request, requestType);
        using var response = await _clients[index].PostAsync(new Uri($"/api/v1/{path}", UriKind.Relative), content);
        var reply = response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync(replyType) : null;
        times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        return reply;
    }

    /// <summary>Begins so many things at even distances, whether or not those before have ended.</summary>
    private static async Task SpreadAsync(int times, double perSecond, Func<int, Task> act)
    {
        var (begun, running) = (Stopwatch.GetTimestamp(), new List<Task>(times));
        for (var number = 0; number < times; number++)
        {
            var wait = TimeSpan.FromSeconds(number / perSecond) - Stopwatch.GetElapsedTime(begun);
            if (wait > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(wait);
            }

            running.Add(act(number));
        }

        await Task.WhenAll(running);
    }

    private async Task StartSitesAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        _sites = builder.Build();
        _sites.Run(context => context.Response.WriteAsync(
            _tokens.TryGetValue(context.Request.Host.Host, out var hash) ? ReachProof.Answer(hash, context.Request.Host.Host, context.Request.Query["challenge"].ToString()) : ""));
        await _sites.StartAsync();
        _port = new Uri(_sites.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }
}
