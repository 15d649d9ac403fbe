using System.Text;
using System.Text.Json;
using P2P.YouSearch;
using P2P.YouSearch.Wire;
using P2P.YouServ;

namespace YouSearch.Tests.Search;

public sealed class ReplyCheckTests
{
    private const string Host = "joe.userv.example";

    [Fact]
    public void Numbers_and_texts_are_brought_within_their_bounds()
    {
        var reply = ReplyCheck.Take(
            new SearchReply
            {
                Host = Host.ToUpperInvariant(),
                Documents = long.MaxValue,
                Words = -1,
                PartDocuments = [-5],
                Matches = -3,
                Hits =
                [
                    new HitView { Path = "a", Title = "", Type = new string('t', 1000), Digest = new string('d', 1000), Length = -1, Words = 0, PartFrequencies = [double.NaN, double.PositiveInfinity], Snippet = new string('s', 299) + "😀", Marks = [0, 5, 3, 5] },
                    new HitView { Path = "../b", Title = "", Type = "", Digest = "" },
                    new HitView { Path = "", Title = "", Type = "", Digest = "" },
                    new HitView { Path = "c", Title = "", Type = "", Digest = "", Audience = (Audience)77 },
                ],
                Recommended = [new() { Group = "g", Site = "no site!", Path = "a" }, new() { Group = "g", Site = "alice", Path = "a" }],
            },
            Host,
            2)!;
        Assert.Equal(Host, reply.Host);
        Assert.Equal((ReplyLimits.DocumentsMax, 0, 1), (reply.Documents, reply.Words, reply.Matches));
        Assert.Equal([0, 0], reply.PartDocuments);
        var hit = Assert.Single(reply.Hits);
        Assert.Equal(("a", "a", 32, 64, 0L, 1L), (hit.Path, hit.Title, hit.Type.Length, hit.Digest.Length, hit.Length, hit.Words));
        Assert.Equal([0, 8], hit.PartFrequencies);
        Assert.Equal(Snippet.LengthMax - 1, hit.Snippet.Length);
        Assert.Equal([0, 5], hit.Marks);
        Assert.Equal("alice", Assert.Single(reply.Recommended).Site);
    }

    [Fact]
    public void An_answer_for_another_site_is_none() => Assert.Null(ReplyCheck.Take(new SearchReply { Host = "alice.userv.example" }, Host, 1));

    [Fact]
    public void Whatever_comes_is_taken_or_refused_without_a_failure()
    {
        const string Sound = """
            {"host":"joe.userv.example","documents":5,"words":50,"partDocuments":[1,2],"matches":2,"isPersonal":true,
             "hits":[{"path":"a/b.txt","title":"T","type":"txt","digest":"00","length":5,"modifiedAt":"2026-01-01T00:00:00Z","words":7,"partFrequencies":[1,2.5],"snippet":"some text","marks":[0,4],"audience":"Everyone"}],
             "recommended":[{"group":"staff","site":"alice","path":"x"}]}
            """;
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(Sound);
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)(random.Next(4) == 0 ? random.Next(256) : "0123456789\"{}[],:-null"[random.Next(22)]);
            }

            SearchReply? reply;
            try
            {
                reply = JsonSerializer.Deserialize(bytes, SearchJson.Default.SearchReply);
            }
            catch (JsonException)
            {
                continue;
            }

            if (ReplyCheck.Take(reply, Host, 2) is { } sound)
            {
                Assert.All(sound.Hits, hit => Assert.Equal(2, hit.PartFrequencies.Count));
                Assert.InRange(sound.Documents, 0, ReplyLimits.DocumentsMax);
            }
        }
    }
}
