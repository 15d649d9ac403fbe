using Microsoft.Extensions.Logging.Abstractions;
using P2P.YouServ;
using P2P.YouServ.Storage;

namespace YouServ.Tests.Storage;

public sealed class ReadingLogTests
{
    [Fact]
    public async Task No_reading_is_lost_while_others_are_written_down()
    {
        const int Readers = 4;
        const int Times = 20_000;
        using var folder = new TemporaryFolder();
        await using var database = await SiteDatabase.OpenAsync(folder.In("site.db"));
        await using var log = new ReadingLog(database, TimeProvider.System, NullLogger.Instance);
        var readers = Task.WhenAll(Enumerable.Range(0, Readers).Select(reader => Task.Run(() =>
        {
            for (var i = 0; i < Times; i++)
            {
                log.Note($"reader {reader}", SitePath.Parse($"{i % 7}.txt"));
            }
        })));
        while (!readers.IsCompleted)
        {
            await log.ReadAsync(long.MaxValue, 1);
        }

        var written = await log.ReadAsync(long.MaxValue, int.MaxValue);
        Assert.All(Enumerable.Range(0, Readers), reader => Assert.Equal(Times, written.Where(reading => reading.Reader == $"reader {reader}").Sum(reading => reading.Times)));
    }
}
