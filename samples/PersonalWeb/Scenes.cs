using System.Net;
using System.Net.Sockets;
using P2P.YouServ;
using Spectre.Console;

namespace PersonalWeb;

/// <summary>Walks through what the sites are for, and tells what happens.</summary>
internal static class Scenes
{
    public static async Task<bool> PlayAsync(Village village, CancellationToken cancellationToken)
    {
        var joe = village.Residents.Single(resident => resident.Name == "joe");
        var bob = village.Residents.Single(resident => resident.Name == "bob");
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectCallback = ConnectAsync });
        var isRight = true;

        async Task SceneAsync(string title, Func<Task<string>> play, string expected)
        {
            var seen = await play();
            var asExpected = seen == expected;
            isRight &= asExpected;
            AnsiConsole.MarkupLineInterpolated($"{(asExpected ? "✓" : "✗")} [bold]{title}[/]  {seen}");
        }

        await SceneAsync("Joe has signed in, and his name points at his machine", async () => $"{string.Join(' ', await AskDnsAsync(village, "joe", cancellationToken))}", "127.0.0.2");
        await SceneAsync("A visitor browses by name", async () => await StatusAsync(http, new(joe.Peer.Status.Url!, "welcome.txt"), cancellationToken), "401 Unauthorized");
        await joe.Peer.SetRuleAsync(new() { Path = SitePath.Parse("welcome.txt"), Audience = Audience.Everyone }, cancellationToken);
        await SceneAsync("Joe opens the file to everyone", async () => await StatusAsync(http, new(joe.Peer.Status.Url!, "welcome.txt"), cancellationToken), "200 OK");
        await File.AppendAllTextAsync(Path.Combine(joe.Folder, "welcome.txt"), "And it has just changed.\n", cancellationToken);
        await SceneAsync(
            "Joe saves the file, and visitors see it at once",
            async () => (await http.GetStringAsync(new Uri(joe.Peer.Status.Url!, "welcome.txt"), cancellationToken)).Split('\n')[1],
            "And it has just changed.");
        await bob.Peer.SetRuleAsync(new() { Path = SitePath.Parse("welcome.txt"), Audience = Audience.Everyone }, cancellationToken);
        await SceneAsync("Bob is behind a firewall: connecting to his machine fails", () => ConnectAsync(bob, cancellationToken), "ConnectionRefused");
        await SceneAsync("His name points at Joe's machine, which carries his visitors", async () => $"{string.Join(' ', await AskDnsAsync(village, "bob", cancellationToken))}", "127.0.0.2");
        await SceneAsync(
            "A visitor reads what Bob's machine serves, through Joe's",
            async () => (await http.GetStringAsync(new Uri(bob.Peer.Status.Url!, "welcome.txt"), cancellationToken)).TrimEnd(),
            "This is bob's site, served by bob's own machine.");
        await joe.Peer.SignOutAsync(cancellationToken);
        await SceneAsync("Joe signs out, and the name points nowhere", async () => $"{(await AskDnsAsync(village, "joe", cancellationToken)).Count} addresses", "0 addresses");
        await joe.Peer.SignInAsync("joe@example.org", Village.Password, cancellationToken);
        await joe.Peer.WhenAsync(PeerState.Serving, cancellationToken);
        await SceneAsync("Joe comes back", async () => $"{string.Join(' ', await AskDnsAsync(village, "joe", cancellationToken))}", "127.0.0.2");
        return isRight;
    }

    private static async Task<string> StatusAsync(HttpClient http, Uri url, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(url, cancellationToken);
        return $"{(int)response.StatusCode} {response.ReasonPhrase}";
    }

    /// <summary>Connects to where a machine says that it listens.</summary>
    private static async Task<string> ConnectAsync(Resident resident, CancellationToken cancellationToken)
    {
        var place = new Uri(resident.Application.Urls.First());
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(place.Host), place.Port, cancellationToken);
            return "connected";
        }
        catch (SocketException failure)
        {
            return failure.SocketErrorCode.ToString();
        }
    }

    private static async Task<IReadOnlyList<IPAddress>> AskDnsAsync(Village village, string name, CancellationToken cancellationToken) =>
        await AddressQuery.AskAsync(village.DnsEndpoint, $"{name}.{Village.Zone}", cancellationToken);

    /// <summary>Names that end with localhost are this machine, whatever its resolver thinks of them.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
