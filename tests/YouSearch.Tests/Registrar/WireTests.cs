using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using P2P.Bloom;
using P2P.YouSearch;
using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;
using Pastry.Tests;

namespace YouSearch.Tests.Registrar;

public sealed class WireTests
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("P2P_LONG") == "1" ? 500_000 : 5_000;

    [Fact]
    public void Bytes_of_messages()
    {
        var text = new StringBuilder();
        foreach (var (name, message) in Registrations())
        {
            text.AppendLine($"registration, {name}: {Convert.ToHexStringLower(RegistrationFormat.Write(message))}");
        }

        foreach (var request in Requests())
        {
            text.AppendLine($"vector request, {request.Kind}: {Convert.ToHexStringLower(request.ToBytes())}");
        }

        var found = new SiteSet();
        found.Add(3);
        found.Add(64);
        text.AppendLine($"vector reply: {Convert.ToHexStringLower(new VectorReply(0x0102030405060708, VectorOutcome.Lacking, [found, new()]).ToBytes())}");
        CandidateQuery query = new() { Alternatives = [[1, 0xFEDCBA9876543210], []], Sites = [RegistrarGround.Site("joe")], Group = "staff", Key = "0a" };
        Add("query", CandidateWish.Of(query), RegistrarJson.Default.CandidateWish);
        Add("query for nothing", CandidateWish.Of(new()), RegistrarJson.Default.CandidateWish);
        Add("candidates", CandidatesReply.Of(List()), RegistrarJson.Default.CandidatesReply);
        Add("registration reply", new RegistrationReply(true, 300, 3), RegistrarJson.Default.RegistrationReply);
        Add("silent", new SilentReport(["joe"]), RegistrarJson.Default.SilentReport);
        Add("cached", new CachedOffer("0a", 4503599627370495), RegistrarJson.Default.CachedOffer);
        Add("problem", new RegistrarProblem("refused", "You are not in the group staff."), RegistrarJson.Default.RegistrarProblem);
        text.AppendLine($"proven: {Encoding.ASCII.GetString(RegistrarPaths.ProvenOf(RegistrarPaths.Silent, "{}"u8)).ReplaceLineEndings("\\n")}");
        Approve.Text(text.ToString());

        void Add<T>(string name, T body, JsonTypeInfo<T> type) => text.AppendLine($"{name}: {JsonSerializer.Serialize(body, type)}");
    }

    [Fact]
    public void What_is_written_is_read()
    {
        foreach (var (_, message) in Registrations())
        {
            var bytes = RegistrationFormat.Write(message);
            Assert.True(RegistrationFormat.TryRead(bytes, out var read));
            Assert.Equal(bytes, RegistrationFormat.Write(read));
            Assert.Equal((message.Site, message.Generation), (read.Site, read.Generation));
        }

        foreach (var request in Requests())
        {
            Assert.True(VectorRequest.TryRead(request.ToBytes(), out var read));
            Assert.Equal(request.ToBytes(), read.ToBytes());
        }

        var list = List();
        var readList = JsonSerializer.Deserialize(JsonSerializer.Serialize(CandidatesReply.Of(list), RegistrarJson.Default.CandidatesReply), RegistrarJson.Default.CandidatesReply)!.Read();
        Assert.Equal(list.Candidates.Select(candidate => (candidate.Site, candidate.Url, candidate.IsCopy, candidate.IsCurrentInCache)), readList.Candidates.Select(candidate => (candidate.Site, candidate.Url, candidate.IsCopy, candidate.IsCurrentInCache)));
        Assert.Equal(list.Candidates[0].Addresses, readList.Candidates[0].Addresses);
        Assert.Equal((list.Sequence, list.IsExact, list.IsComplete, list.Cache!.Site), (readList.Sequence, readList.IsExact, readList.IsComplete, readList.Cache!.Site));
    }

    [Fact]
    public void Bytes_that_were_tampered_with_are_refused_or_mean_something()
    {
        var random = new Random(20261129);
        byte[][] originals = [.. Registrations().Select(pair => RegistrationFormat.Write(pair.Message)), .. Requests().Select(request => request.ToBytes())];
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = originals[random.Next(originals.Length)].ToList();
            for (var change = random.Next(1, 4); change > 0 && bytes.Count > 0; change--)
            {
                switch (random.Next(4))
                {
                    case 0:
                        bytes[random.Next(Math.Min(bytes.Count, 64))] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes[random.Next(bytes.Count)] ^= (byte)(1 << random.Next(8));
                        break;
                    case 2:
                        bytes.RemoveRange(random.Next(bytes.Count), 1);
                        break;
                    default:
                        bytes.InsertRange(random.Next(bytes.Count), new byte[random.Next(1, 9)]);
                        break;
                }
            }

            byte[] tampered = [.. bytes];
            if (RegistrationFormat.TryRead(tampered, out var message))
            {
                Assert.True(RegistrationFormat.TryRead(RegistrationFormat.Write(message), out _));
            }

            if (VectorRequest.TryRead(tampered, out var request))
            {
                new P2P.YouSearch.Hosting.VectorHolder(0, 1 << 24, static () => 1).Answer(request);
            }

            _ = VectorReply.TryRead(tampered, out _);
        }
    }

    [Fact]
    public void A_few_bytes_do_not_take_much_memory()
    {
        // What claims to be a hundred times as long as any summary, in as few bytes as its format allows.
        var huge = new PartitionedBloomFilter(1L << 27, SummaryFilter.Vectors).ToBytes();
        Assert.InRange(huge.Length, 1, RegistrationFormat.LengthMax);
        var bytes = RegistrationFormat.Write(new() { Site = RegistrarGround.Site("mallory"), Generation = 1, Public = SummaryNews.Nothing.Instance, Members = SummaryNews.Nothing.Instance })[..^2];
        byte[] body = [.. bytes, 2, .. BitConverter.GetBytes(huge.Length), .. huge, 0];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(RegistrationFormat.TryRead(body, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
    }

    [Theory]
    [InlineData("""{"alternatives":["AAAA"]}""")]
    [InlineData("""{"sites":["not a site"]}""")]
    [InlineData("""{"alternatives":[null]}""")]
    [InlineData("""{"sites":[null]}""")]
    public void A_query_that_is_none_is_refused(string json)
    {
        CandidateQuery? query = null;
        try
        {
            query = JsonSerializer.Deserialize(json, RegistrarJson.Default.CandidateWish)?.Read();
        }
        catch (JsonException)
        {
        }

        Assert.Null(query);
    }

    [Fact]
    public void A_query_with_names_of_later_releases_is_read()
    {
        var query = JsonSerializer.Deserialize("""{"alternatives":["AQAAAAAAAAA="],"mood":"good","key":null}""", RegistrarJson.Default.CandidateWish)!.Read()!;
        Assert.Equal(1UL, Assert.Single(Assert.Single(query.Alternatives)));
        Assert.Equal("", query.Key);
    }

    private static IEnumerable<(string Name, RegistrationMessage Message)> Registrations()
    {
        var before = SummaryFilter.Of([.. Terms(200)])!;
        var after = SummaryFilter.Of([.. Terms(201)])!;
        yield return ("nothing", New(null, null, null, null, 1));
        yield return ("as it was", New(before, before, after, after, 1));
        yield return ("whole", New(SummaryFilter.Of([.. Terms(3)]), null, null, null, 1));
        yield return ("changes", New(after, before, null, null, 1));
        yield return ("changes in parts", New(after, before, before, after, 3));
    }

    private static RegistrationMessage New(PartitionedBloomFilter? publicFilter, PartitionedBloomFilter? publicBase, PartitionedBloomFilter? members, PartitionedBloomFilter? membersBase, int parts) =>
        RegistrationNews.Of(new() { Site = RegistrarGround.Site("joe"), Generation = 0x0102030405060708, Public = new(publicFilter, publicBase), Members = new(members, membersBase) }, parts);

    private static IEnumerable<VectorRequest> Requests()
    {
        var before = SummaryFilter.Of([.. Terms(3)])!.Vector(1);
        var after = SummaryFilter.Of([.. Terms(4)])!.Vector(1);
        var request = new VectorRequest { Kind = VectorRequestKind.Hello, Session = 0x1112131415161718, Order = 5, Scope = SummaryScope.Members, Site = 7 };
        yield return request;
        yield return request with { Kind = VectorRequestKind.Find, Alternatives = [[SummaryFilter.HashOf(1), SummaryFilter.HashOf(2)], []] };
        yield return request with { Kind = VectorRequestKind.Set, Vector = before };
        yield return request with { Kind = VectorRequestKind.Change, Delta = after.DeltaSince(before) };
        yield return request with { Kind = VectorRequestKind.Remove };
    }

    private static IEnumerable<ulong> Terms(int count) => Enumerable.Range(1, count).Select(number => BloomHasher.Default.Hash((ulong)number).Low);

    private static CandidateList List()
    {
        Candidate joe = new() { Site = RegistrarGround.Site("joe"), Url = new Uri("https://joe.userv.example:8443"), Addresses = [IPAddress.Parse("192.0.2.7"), IPAddress.Parse("2001:db8::7")], IsCopy = true };
        return new() { Candidates = [joe, new() { Site = RegistrarGround.Site("alice"), IsCurrentInCache = true }], Sequence = 12, Cache = joe, IsExact = false, IsComplete = true };
    }
}
