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
        var (joe, alice, bob) = (village["joe"], village["alice"], village["bob"]);
        var (joesName, welcome) = (SiteName.Parse("joe"), new Uri(joe.Peer.Status.Url!, "welcome.txt"));
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectCallback = ConnectAsync });
        var isRight = true;

        async Task SceneAsync(string title, Func<Task<string>> play, string expected)
        {
            var seen = await play();
            var asExpected = seen == expected;
            isRight &= asExpected;
            AnsiConsole.MarkupLineInterpolated($"{(asExpected ? "✓" : "✗")} [bold]{title}[/]  {seen}");
        }

        await SceneAsync("Joe has signed in, and his name points at his machine", () => AskDnsAsync(village, "joe", cancellationToken), "127.0.0.2");
        await SceneAsync("A visitor browses by name", () => StatusAsync(http, welcome, cancellationToken), "401 Unauthorized");
        await joe.Peer.SetRuleAsync(new() { Path = SitePath.Parse("welcome.txt"), Audience = Audience.Everyone }, cancellationToken);
        await SceneAsync("Joe opens the file to everyone", () => StatusAsync(http, welcome, cancellationToken), "200 OK");
        await File.AppendAllTextAsync(Path.Combine(joe.Site, "welcome.txt"), "And it has just changed.\n", cancellationToken);
        await SceneAsync("Joe saves the file, and visitors see it at once", () => SecondLineAsync(http, welcome, cancellationToken), "And it has just changed.");

        await bob.Peer.SetRuleAsync(new() { Path = SitePath.Parse("welcome.txt"), Audience = Audience.Everyone }, cancellationToken);
        await SceneAsync("Bob is behind a firewall: connecting to his machine fails", () => ConnectAsync(bob, cancellationToken), "ConnectionRefused");
        await SceneAsync("His name points at joe's machine, which carries his visitors", () => AskDnsAsync(village, "bob", cancellationToken), "127.0.0.2");
        await SceneAsync(
            "A visitor reads what bob's machine serves, through joe's",
            async () => (await http.GetStringAsync(new Uri(bob.Peer.Status.Url!, "welcome.txt"), cancellationToken)).TrimEnd(),
            "This is bob's site, served by bob's own machine.");

        await joe.Peer.InviteHolderAsync(SiteName.Parse("alice"), cancellationToken);
        await alice.Peer.AcceptCopyAsync(joesName, cancellationToken);
        await SceneAsync("Joe invites alice to keep a copy of his site, and she has it", () => CopyAsync(joe, cancellationToken), "up to date");
        var atAlice = new UriBuilder(welcome) { Port = alice.Peer.Status.Url!.Port }.Uri;
        await joe.Peer.SignOutAsync(cancellationToken);
        await SceneAsync("Joe signs out, and his name points at alice's machine", () => AskDnsAsync(village, "joe", cancellationToken), "127.0.0.3");
        await SceneAsync("A visitor reads joe's site there", () => SecondLineAsync(http, atAlice, cancellationToken), "And it has just changed.");
        await SceneAsync("So does one who knows the old address", () => SecondLineAsync(http, welcome, cancellationToken), "And it has just changed.");
        await joe.Peer.SignInAsync("joe@example.org", Village.Password, cancellationToken);
        await joe.Peer.WhenAsync(PeerState.Serving, cancellationToken);
        await SceneAsync("Joe comes back, and takes his name back", () => AskDnsAsync(village, "joe", cancellationToken), "127.0.0.2");
        await village.CrashAsync("joe");
        await SceneAsync("Joe's machine loses power, and alice's stands in", () => AwaitDnsAsync(village, "joe", "127.0.0.3", cancellationToken), "127.0.0.3");
        await SceneAsync("A visitor reads joe's site there", () => SecondLineAsync(http, atAlice, cancellationToken), "And it has just changed.");
        await village.SwitchOnAsync("joe", cancellationToken);
        await SceneAsync("Joe switches it on again, and is back", () => AskDnsAsync(village, "joe", cancellationToken), "127.0.0.2");
        await SearchScenes.PlayAsync(village, SceneAsync, cancellationToken);
        return isRight;
    }

    private static async Task<string> StatusAsync(HttpClient http, Uri url, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(url, cancellationToken);
        return $"{(int)response.StatusCode} {response.ReasonPhrase}";
    }

    private static async Task<string> SecondLineAsync(HttpClient http, Uri url, CancellationToken cancellationToken)
    {
        using var response = await FollowAsync(http, url, cancellationToken);
        return response.IsSuccessStatusCode ? (await response.Content.ReadAsStringAsync(cancellationToken)).Split('\n')[1] : $"{(int)response.StatusCode} {response.ReasonPhrase}";
    }

    /// <summary>A connection that is open still is asked to come again.</summary>
    private static async Task<HttpResponseMessage> FollowAsync(HttpClient http, Uri url, CancellationToken cancellationToken)
    {
        var response = await http.GetAsync(url, cancellationToken);
        if (response.StatusCode != HttpStatusCode.TemporaryRedirect)
        {
            return response;
        }

        response.Dispose();
        return await http.GetAsync(url, cancellationToken);
    }

    /// <summary>Waits until the coordinator knows that the copy is what the site is.</summary>
    private static async Task<string> CopyAsync(Resident owner, CancellationToken cancellationToken)
    {
        for (var i = 0; i < 300; i++)
        {
            if (await owner.Peer.GetReplicationAsync(cancellationToken) is { Version: { } version, Replicas: [{ Version: var copied }] } && copied == version)
            {
                return "up to date";
            }

            await Task.Delay(100, cancellationToken);
        }

        return "not after 30 s";
    }

    private static async Task<string> AskDnsAsync(Village village, string name, CancellationToken cancellationToken) =>
        string.Join(' ', await AddressQuery.AskAsync(village.DnsEndpoint, $"{name}.{Village.Zone}", cancellationToken));

    /// <summary>Waits until a name points where it is to point: that nobody is there any more takes a coordinator a few seconds to know.</summary>
    private static async Task<string> AwaitDnsAsync(Village village, string name, string expected, CancellationToken cancellationToken)
    {
        var seen = "";
        for (var i = 0; i < 300 && seen != expected; i++)
        {
            seen = await AskDnsAsync(village, name, cancellationToken);
            await Task.Delay(100, cancellationToken);
        }

        return seen;
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

    /// <summary>Names that end with localhost are this machine, whatever its resolver thinks of them.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
