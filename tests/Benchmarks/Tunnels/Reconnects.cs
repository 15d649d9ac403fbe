using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using P2P.YouServ.Hosting;
using P2P.YouServ.Wire;

namespace Benchmarks.Tunnels;

/// <summary>Opens a tunnel at a proxy again and again, each with a visitor whose connection is open when the tunnel is cut, and compares what the proxy holds before and after.</summary>
internal static class Reconnects
{
    private const int WarmUp = 200;

    public static async Task<(HeldState Before, HeldState After)> RunAsync(Uri coordinator, PeerProcess proxy, int times)
    {
        using var http = new HttpClient { BaseAddress = coordinator };
        var signedIn = await PostAsync(http, "sign-in", new SignInRequest { User = "carol@example.org", Password = "any" });
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await signedIn.Content.ReadFromJsonAsync(WireJson.Default.SignInReply))!.Token);
        for (var i = 0; i < WarmUp; i++)
        {
            await OnceAsync(http, proxy);
        }

        var before = await SettledAsync(proxy);
        for (var i = 0; i < times; i++)
        {
            await OnceAsync(http, proxy);
        }

        return (before, await SettledAsync(proxy));
    }

    private static async Task OnceAsync(HttpClient http, PeerProcess proxy)
    {
        using var answer = await http.PostAsync(new Uri("/api/v1/peer/proxy", UriKind.Relative), JsonContent.Create(new ProxyWish(), WireJson.Default.ProxyWish));
        var reply = (await answer.Content.ReadFromJsonAsync(WireJson.Default.ProxyReply))!;
        var arrived = new TaskCompletionSource<TunnelLane>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var tunnel = await TunnelClient.ConnectAsync(reply, new X509Certificate2Collection(), lane => arrived.TrySetResult(lane), TimeProvider.System, CancellationToken.None)
            ?? throw new InvalidOperationException("The proxy did not take the tunnel.");
        var running = tunnel.RunAsync();
        using var visitor = new System.Net.Sockets.TcpClient();
        await visitor.ConnectAsync(System.Net.IPAddress.Loopback, proxy.Port);
        await visitor.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: carol.{Coordinator.CoordinatorProcess.Zone}\r\n\r\n"));
        await using var lane = await arrived.Task;
        await lane.Input.ReadAsync();
        tunnel.Close();
        await running;
    }

    /// <summary>Waits, within bounds, until the proxy has noticed that the last ones have gone.</summary>
    private static async Task<HeldState> SettledAsync(PeerProcess proxy)
    {
        var state = await proxy.AskStateAsync();
        for (var i = 0; i < 50 && (state.Lanes > 0 || state.Tunnels > 1); i++)
        {
            await Task.Delay(100);
            state = await proxy.AskStateAsync();
        }

        return state;
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient http, string path, SignInRequest request)
    {
        var answer = await http.PostAsync(new Uri($"/api/v1/peer/{path}", UriKind.Relative), JsonContent.Create(request, WireJson.Default.SignInRequest));
        return answer.EnsureSuccessStatusCode();
    }
}
