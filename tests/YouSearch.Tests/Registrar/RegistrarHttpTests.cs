using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using P2P.Bloom;
using P2P.YouSearch;
using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;

namespace YouSearch.Tests.Registrar;

public sealed class RegistrarHttpTests
{
    private const string Secret = "sixteen characters";

    [Fact]
    public async Task Peers_register_and_find_each_other()
    {
        await using var host = await RegistrarHost.StartAsync();
        using var joe = await host.ConnectAsync("joe@example.org");
        using var alice = await host.ConnectAsync("alice@example.org");
        using var stranger = await host.ConnectAsync(null);
        var (before, after) = (Filter(1), Filter(2));

        var result = await joe.RegisterAsync(RegistrarGround.Registration("joe", before, Filter(7)), default);
        Assert.Equal(new RegistrationResult(true, TimeSpan.FromMinutes(5)), result);
        Assert.Equal(["joe"], RegistrarGround.NamesOf(await alice.FindAsync(RegistrarGround.For(Term(1)), default)));
        Assert.Equal(["joe"], RegistrarGround.NamesOf(await alice.FindAsync(RegistrarGround.For(Term(7)), default)));
        Assert.Empty((await stranger.FindAsync(RegistrarGround.For(Term(7)), default)).Candidates);
        Assert.Single((await stranger.FindAsync(RegistrarGround.For(Term(1)), default)).Candidates);

        Assert.True((await joe.RegisterAsync(new() { Site = RegistrarGround.Site("joe"), Generation = 2, Public = new(after, before), Members = new(null, null) }, default)).IsKnown);
        Assert.Empty((await alice.FindAsync(RegistrarGround.For(Term(1)), default)).Candidates);
        Assert.Equal(["joe"], RegistrarGround.NamesOf(await alice.FindAsync(RegistrarGround.For(Term(2)), default)));

        Assert.Equal(["joe"], RegistrarGround.NamesOf(await alice.FindAsync(new() { Group = "staff" }, default)));
        var refusal = await Assert.ThrowsAsync<YouSearchException>(async () => await alice.FindAsync(new() { Group = "sales" }, default));
        Assert.Contains("sales", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_a_peer_keeps_is_named_to_the_next_who_asks()
    {
        await using var host = await RegistrarHost.StartAsync();
        using var joe = await host.ConnectAsync("joe@example.org");
        using var alice = await host.ConnectAsync("alice@example.org");
        await joe.RegisterAsync(RegistrarGround.Registration("joe", Filter(1)), default);
        var query = RegistrarGround.For(Term(1)) with { Key = "key" };
        await joe.OfferCachedAsync("key", (await joe.FindAsync(query, default)).Sequence, default);

        var list = await alice.FindAsync(query, default);
        Assert.Equal("joe", list.Cache!.Site.Value);
        Assert.True(list.Candidates[0].IsCurrentInCache);

        await alice.ReportSilentAsync([RegistrarGround.Site("joe")], default);
        await host.Application.Services.GetRequiredService<P2P.YouSearch.Registrar>().ProbedAsync();
        Assert.Empty((await alice.FindAsync(query, default)).Candidates);
    }

    [Fact]
    public async Task Nobody_speaks_for_another()
    {
        await using var host = await RegistrarHost.StartAsync();
        using var mallory = await host.ConnectAsync("mallory@example.org");
        using var stranger = await host.ConnectAsync(null);
        await Assert.ThrowsAsync<YouSearchException>(async () => await mallory.RegisterAsync(RegistrarGround.Registration("joe", Filter(1)), default));
        await Assert.ThrowsAsync<YouSearchException>(async () => await stranger.RegisterAsync(RegistrarGround.Registration("joe", Filter(1)), default));
        await Assert.ThrowsAsync<YouSearchException>(async () => await stranger.ReportSilentAsync([RegistrarGround.Site("joe")], default));
    }

    [Fact]
    public async Task What_was_said_at_one_place_counts_at_no_other()
    {
        await using var host = await RegistrarHost.StartAsync();
        using var http = new HttpClient();
        string? proof = null;
        using var recorder = new RecordingHandler(new SocketsHttpHandler(), request => proof = request.Headers.Authorization?.Parameter);
        using var recorded = await host.ConnectThroughAsync("joe@example.org", recorder);
        await recorded.ReportSilentAsync([RegistrarGround.Site("alice")], default);

        var body = """{"sites":["alice"]}""";
        Assert.InRange(await PostAsync(http, host.Url, RegistrarPaths.Silent, Encoding.UTF8.GetBytes(body), proof), HttpStatusCode.OK, HttpStatusCode.NoContent);
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(http, host.Url, RegistrarPaths.Find, Encoding.UTF8.GetBytes(body), proof));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(http, host.Url, RegistrarPaths.Silent, Encoding.UTF8.GetBytes(body + " "), proof));
    }

    [Fact]
    public async Task Hostile_bodies_are_refused()
    {
        await using var host = await RegistrarHost.StartAsync();
        using var http = new HttpClient();
        string[] bodies = ["", "null", "[]", "{", """{"alternatives":"x"}""", """{"alternatives":["AAAA"]}""", """{"sites":[1]}""", new string('[', 10_000)];
        foreach (var body in bodies)
        {
            Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(http, host.Url, RegistrarPaths.Find, Encoding.UTF8.GetBytes(body), proof: null));
        }

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(http, host.Url, RegistrarPaths.Find, new byte[257 * 1024], proof: null));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(http, host.Url, RegistrarPaths.Register, new byte[100], proof: null));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(http, host.Url, RegistrarPaths.Register, new byte[100], proof: "forged"));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(http, host.Url, RegistrarPaths.Find, "{}"u8.ToArray(), proof: null));
    }

    [Fact]
    public async Task A_user_who_asks_too_often_is_refused()
    {
        await using var host = await RegistrarHost.StartAsync(options => options.UserRequestsPerSecond = 1);
        using var mallory = await host.ConnectAsync("mallory@example.org");
        using var alice = await host.ConnectAsync("alice@example.org");
        var refusal = await Assert.ThrowsAsync<YouSearchException>(async () =>
        {
            for (var count = 0; count < 10_000; count++)
            {
                await mallory.FindAsync(RegistrarGround.For(1), default);
            }
        });
        Assert.Contains("user", refusal.Message, StringComparison.Ordinal);
        await alice.FindAsync(RegistrarGround.For(1), default);
    }

    [Fact]
    public async Task The_next_coordinator_is_asked_when_one_is_silent()
    {
        await using var host = await RegistrarHost.StartAsync();
        using var joe = await host.ConnectAsync("joe@example.org", new Uri("http://127.0.0.1:1"), host.Url);
        Assert.True((await joe.RegisterAsync(RegistrarGround.Registration("joe", Filter(1)), default)).IsKnown);
        using var lost = await host.ConnectAsync("joe@example.org", new Uri("http://127.0.0.1:1"));
        await Assert.ThrowsAsync<YouSearchException>(async () => await lost.FindAsync(RegistrarGround.For(1), default));
    }

    [Fact]
    public async Task Vectors_lie_in_processes_of_their_own()
    {
        List<(Microsoft.AspNetCore.Builder.WebApplication Application, Uri Url)> vectors = [];
        for (var vector = 0; vector < SummaryFilter.Vectors; vector++)
        {
            vectors.Add(await RegistrarHost.StartVectorAsync(vector, Secret));
        }

        await using var host = await RegistrarHost.StartAsync(options =>
        {
            options.VectorSecret = Secret;
            vectors.ForEach(vector => options.VectorHolders.Add(vector.Url));
        });
        using var joe = await host.ConnectAsync("joe@example.org");
        var (before, after) = (Filter(1), Filter(2));
        Assert.True((await joe.RegisterAsync(RegistrarGround.Registration("joe", before), default)).IsKnown);
        Assert.True((await joe.RegisterAsync(new() { Site = RegistrarGround.Site("joe"), Generation = 2, Public = new(after, before), Members = new(null, null) }, default)).IsKnown);
        var list = await joe.FindAsync(RegistrarGround.For(Term(2)), default);
        Assert.Equal(["joe"], RegistrarGround.NamesOf(list));
        Assert.True(list.IsExact);
        Assert.Empty((await joe.FindAsync(RegistrarGround.For(Term(1)), default)).Candidates);

        await vectors[1].Application.DisposeAsync();
        list = await joe.FindAsync(RegistrarGround.For(Term(2)), default);
        Assert.Equal(["joe"], RegistrarGround.NamesOf(list));
        Assert.False(list.IsExact);
        await vectors[0].Application.DisposeAsync();
        await vectors[2].Application.DisposeAsync();
    }

    [Fact]
    public async Task Who_does_not_know_the_secret_is_told_nothing_of_vectors()
    {
        var (application, url) = await RegistrarHost.StartVectorAsync(0, Secret);
        await using var _ = application;
        using var http = new HttpClient();
        var hello = new VectorRequest { Kind = VectorRequestKind.Hello, Session = 1, Order = 1 }.ToBytes();
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(http, url, RegistrarPaths.Vectors, hello, proof: null));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Secret + "!");
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(http, url, RegistrarPaths.Vectors, hello, proof: null));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Secret);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(http, url, RegistrarPaths.Vectors, hello, proof: null));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(http, url, RegistrarPaths.Vectors, [1, 2, 3], proof: null));
    }

    private static ulong Term(int number) => BloomHasher.Default.Hash((ulong)number).Low;

    private static PartitionedBloomFilter? Filter(int term) => SummaryFilter.Of([Term(term), .. Enumerable.Range(5000, 300).Select(Term)]);

    private static async Task<HttpStatusCode> PostAsync(HttpClient http, Uri root, string path, byte[] body, string? proof)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(root, path)) { Content = new ByteArrayContent(body) };
        if (proof is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue(RegistrarPaths.ProofScheme, proof);
        }

        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }

    private sealed class RecordingHandler(HttpMessageHandler inner, Action<HttpRequestMessage> note) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            note(request);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
