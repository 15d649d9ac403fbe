using Microsoft.Data.Sqlite;
using P2P.YouServ;
using P2P.YouServ.Dns;
using static YouServ.Tests.Dns.TestQuery;

namespace YouServ.Tests.Dns;

/// <summary>What was published outlives the server.</summary>
public sealed class ZoneFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("p2p-dns-").FullName;

    private string File => Path.Combine(_folder, "zone.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_restart_keeps_records_and_lets_the_serial_rise()
    {
        uint serial;
        await using (var server = await StartAsync())
        {
            await server.PublishAsync(
            [
                TestZone.Addresses(TestZone.Joe, "192.0.2.1", "192.0.2.2") with { TimeToLive = TimeSpan.FromSeconds(20) },
                DnsRecordSet.OfTexts(TestZone.Joe, "one \"two\"", "three\nfour"),
                new DnsRecordSet(TestZone.Origin.Child("www"), DnsRecordType.Cname, ["joe.userv.example"]),
                TestZone.Addresses(TestZone.Origin.Child("ann"), "192.0.2.3"),
            ]);
            await server.PublishAsync([DnsRecordSet.Removal(TestZone.Origin.Child("ann"), DnsRecordType.A)]);
            serial = server.Serial;
        }

        await using var restarted = await StartAsync();
        var endpoint = restarted.Endpoints[0];
        Assert.Equal(serial + 1, restarted.Serial);
        Assert.Equal(["joe.userv.example", "192.0.2.1", "192.0.2.2"], (await AskAsync(endpoint, "www.userv.example", A)).Texts);
        Assert.All((await AskAsync(endpoint, "joe.userv.example", A)).Answers, record => Assert.Equal(20u, record.TimeToLive));
        Assert.Equal(2, (await AskAsync(endpoint, "joe.userv.example", Txt)).Answers.Count);
        Assert.Equal(NameError, (await AskAsync(endpoint, "ann.userv.example", A)).Code);
        Assert.Equal(["192.0.2.53"], (await AskAsync(endpoint, "ns1.userv.example", A)).Texts);
    }

    [Fact]
    public async Task What_was_published_is_on_the_disk_before_the_call_is_done()
    {
        await using var server = await StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(number => server.PublishAsync([TestZone.Addresses(TestZone.Origin.Child($"s{number}"), "192.0.2.1")]).AsTask()));

        // Another server reads what a crash would leave now.
        foreach (var file in Directory.GetFiles(_folder))
        {
            System.IO.File.Copy(file, Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "crash")).FullName, Path.GetFileName(file)));
        }

        await using var other = await TestZone.StartAsync(options => options.Path = Path.Combine(_folder, "crash", "zone.db"));
        foreach (var number in Enumerable.Range(0, 200))
        {
            Assert.Single((await AskAsync(other.Endpoints[0], $"s{number}.userv.example", A)).Answers);
        }
    }

    [Fact]
    public async Task The_serial_goes_on_at_zero_behind_the_highest()
    {
        await using (await StartAsync())
        {
        }

        Execute($"UPDATE zone SET serial = {uint.MaxValue - 1}");
        await using (var server = await StartAsync())
        {
            Assert.Equal(uint.MaxValue, server.Serial);
            await server.PublishAsync([TestZone.Addresses(TestZone.Joe, "192.0.2.1")]);
            Assert.Equal(0u, server.Serial);
        }

        await using var restarted = await StartAsync();
        Assert.Equal(1u, restarted.Serial);
    }

    [Fact]
    public async Task What_the_options_give_takes_the_place_of_what_was_published()
    {
        await using (var server = await StartAsync())
        {
            await server.PublishAsync([TestZone.Addresses(TestZone.Joe, "192.0.2.1"), new DnsRecordSet(TestZone.Origin.Child("www"), DnsRecordType.Cname, ["joe.userv.example"])]);
        }

        await using (var server = await StartAsync(TestZone.Addresses(TestZone.Joe, "192.0.2.8"), TestZone.Addresses(TestZone.Origin.Child("www"), "192.0.2.9")))
        {
            Assert.Equal(["192.0.2.8"], (await AskAsync(server.Endpoints[0], "joe.userv.example", A)).Texts);
            Assert.Equal(["192.0.2.9"], (await AskAsync(server.Endpoints[0], "www.userv.example", A)).Texts);
        }

        await using var without = await StartAsync();
        Assert.Equal(NameError, (await AskAsync(without.Endpoints[0], "joe.userv.example", A)).Code);
    }

    [Fact]
    public async Task A_file_serves_one_server_at_a_time()
    {
        await using var server = await StartAsync();
        var exception = await Assert.ThrowsAsync<YouServException>(() => StartAsync());
        Assert.Contains(File, exception.Message);
    }

    [Fact]
    public async Task A_file_of_another_zone_or_format_or_of_something_else_is_refused_with_the_reason()
    {
        await using (await StartAsync())
        {
        }

        var other = await Assert.ThrowsAsync<YouServException>(() => TestZone.StartAsync(options =>
        {
            (options.Path, options.Zone, options.Records) = (File, DnsName.Parse("other.example"), []);
        }));
        Assert.Contains("userv.example", other.Message);
        Execute("PRAGMA user_version = 2");
        Assert.Contains("format 2", (await Assert.ThrowsAsync<YouServException>(() => StartAsync())).Message);
        Execute("PRAGMA application_id = 1");
        Assert.Contains("something else", (await Assert.ThrowsAsync<YouServException>(() => StartAsync())).Message);
        await System.IO.File.WriteAllTextAsync(File, new string('x', 5000));
        Assert.Contains(File, (await Assert.ThrowsAsync<YouServException>(() => StartAsync())).Message);
    }

    [Fact]
    public async Task A_file_that_can_not_be_written_fails_the_call_and_changes_nothing()
    {
        await using var server = await StartAsync();
        var tooMuch = Enumerable.Range(0, 200).Select(number => DnsRecordSet.OfTexts(TestZone.Origin.Child($"s{number}"), new string('x', 5000))).ToArray();
        await server.PublishAsync([TestZone.Addresses(TestZone.Joe, "192.0.2.1")]);
        var serial = server.Serial;
        Limit(server, pages: 20);
        await Assert.ThrowsAsync<YouServException>(() => server.PublishAsync(tooMuch).AsTask());
        Assert.Equal(serial, server.Serial);
        Assert.Equal(NameError, (await AskAsync(server.Endpoints[0], "s0.userv.example", Txt)).Code);
        await server.PublishAsync([TestZone.Addresses(TestZone.Joe, "192.0.2.2")]);
        Assert.Equal(["192.0.2.2"], (await AskAsync(server.Endpoints[0], "joe.userv.example", A)).Texts);

        static void Limit(DnsServer server, int pages) => ((ZoneDatabase)server.Store).LimitPages(pages);
    }

    private Task<DnsServer> StartAsync(params DnsRecordSet[] records) => TestZone.StartAsync(options =>
    {
        options.Path = File;
        options.Records = [.. options.Records, .. records];
    });

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
