using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using P2P.Past;
using P2P.Past.Protocol;
using P2P.Pastry;
using Past.Tests.Simulation;

namespace Past.Tests.Quota;

public sealed class DiskBrokerTests : BrokerTests
{
    private static readonly SigningKey Alice = SeededKeys.Get(77, 1);

    private readonly string _root = Directory.CreateTempSubdirectory("p2p broker ünï ").FullName;

    private string BooksPath => Path.Combine(_root, "broker.db");

    protected override Broker Open()
    {
        var opened = Broker.OpenAsync(BooksPath, Key, Options, Time).AsTask();
        return opened.GetAwaiter().GetResult();
    }

    [Fact]
    public async Task Books_are_the_same_after_another_opening()
    {
        await using var broker = await Broker.OpenAsync(BooksPath, Key, Options, Time);
        var talk = new BrokerTalk(broker);
        for (var number = 10; number < 14; number++)
        {
            await talk.ContributeAsync(SeededKeys.Get(77, number), Alice, 5000);
        }

        var first = (await talk.OrderAsync(Alice, BrokerTalk.FileOf(Alice, 1), BrokerTalk.FileOf(Alice, 2))).Files[0].Permit!;
        await talk.CreditAsync(Alice, 2, SeededKeys.Get(77, 10));
        await broker.DisposeAsync();

        await using var again = await Broker.OpenAsync(BooksPath, Key, Options, Time);
        talk = new BrokerTalk(again);
        Assert.Equal(new QuotaAccount(5000, 10_000), await again.GetAccountAsync(Alice.PublicKey));
        Assert.Equal(new QuotaAccount(5000, 10_000), await again.GetTotalAsync());
        Assert.Equal(first.Statement.Body.AsSpan().ToArray(), (await talk.OrderOneAsync(Alice, BrokerTalk.FileOf(Alice, 1))).Permit!.Statement.Body.AsSpan().ToArray());
        Assert.True((await talk.OrderOneAsync(Alice, BrokerTalk.FileOf(Alice, 3))).Permit!.Serial > first.Serial + 1);

        // A receipt that was counted before counts no more.
        await talk.CreditAsync(Alice, 2, SeededKeys.Get(77, 10));
        Assert.Equal(8000, (await again.GetTotalAsync()).UsedBytes);
        await talk.CreditAsync(Alice, 2, SeededKeys.Get(77, 11), SeededKeys.Get(77, 12));
        Assert.Equal(6000, (await again.GetTotalAsync()).UsedBytes);
    }

    [Fact]
    public async Task Broker_that_crashes_between_debit_and_answer_gives_the_permit_when_it_is_asked_again()
    {
        var failing = new FailingSigner(Key);
        var crashed = Path.Combine(_root, "crashed.db");
        await using (var broker = await Broker.OpenAsync(BooksPath, failing, Options, Time))
        {
            var talk = new BrokerTalk(broker);
            for (var number = 10; number < 13; number++)
            {
                await talk.ContributeAsync(SeededKeys.Get(77, number), Alice, 2000);
            }

            failing.Fails = true;
            var order = talk.OrderOf(Alice, [BrokerTalk.FileOf(Alice, 1)]);
            await Assert.ThrowsAsync<IOException>(() => broker.AnswerAsync(BrokerTalk.Bearer, order, CancellationToken.None).AsTask());

            // What a killed process leaves behind: the log is not in its place yet.
            File.Copy(BooksPath, crashed);
            File.Copy(BooksPath + "-wal", crashed + "-wal");
        }

        await using var restarted = await Broker.OpenAsync(crashed, Key, Options, Time);
        Assert.Equal(new QuotaAccount(3000, 3000), await restarted.GetTotalAsync());
        var answer = await new BrokerTalk(restarted).OrderAsync(Alice, BrokerTalk.FileOf(Alice, 1), BrokerTalk.FileOf(Alice, 2));
        Assert.Equal([PermitVerdict.Permitted, PermitVerdict.Exceeded], answer.Files.Select(file => file.Verdict));
        Assert.True(answer.Files[0].Permit!.Verify());
        Assert.Equal(new QuotaAccount(3000, 3000), await restarted.GetTotalAsync());
    }

    /// <summary>Copies the books in the middle of concurrent orders: whatever was answered by then is in the copy.</summary>
    [Fact]
    public async Task Whatever_was_answered_is_kept()
    {
        await using var broker = await Broker.OpenAsync(BooksPath, Key, Options, Time);
        var talk = new BrokerTalk(broker);
        for (var number = 10; number < 13; number++)
        {
            await talk.ContributeAsync(SeededKeys.Get(77, number), Alice, 2_000_000);
        }

        for (var round = 0; round < 10; round++)
        {
            var answered = 0;
            var orders = Enumerable.Range(round * 100, 20).Select(async number =>
            {
                await talk.OrderOneAsync(Alice, BrokerTalk.FileOf(Alice, number));
                Interlocked.Increment(ref answered);
            }).ToArray();
            await Task.WhenAny(orders);
            var before = Volatile.Read(ref answered) + 20 * round;
            var copy = Path.Combine(_root, $"copy {round}.db");
            File.Copy(BooksPath, copy);
            File.Copy(BooksPath + "-wal", copy + "-wal");
            await using (var restarted = await Broker.OpenAsync(copy, Key, Options, Time))
            {
                Assert.InRange((await restarted.GetTotalAsync()).UsedBytes, before * 3000, 20 * (round + 1) * 3000);
            }

            await Task.WhenAll(orders);
        }

        Assert.Equal(200 * 3000, (await broker.GetTotalAsync()).UsedBytes);
    }

    [Fact]
    public async Task What_the_disk_refuses_was_not_decided()
    {
        await using var broker = await Broker.OpenAsync(BooksPath, Key, Options, Time);
        var talk = new BrokerTalk(broker);
        for (var number = 10; number < 13; number++)
        {
            await talk.ContributeAsync(SeededKeys.Get(77, number), Alice, 20_000);
        }

        await broker.DisposeAsync();
        Sql("CREATE TRIGGER refuse BEFORE INSERT ON debit WHEN new.length = 666 BEGIN SELECT RAISE(ABORT, 'the disk refuses'); END");
        await using var again = await Broker.OpenAsync(BooksPath, Key, Options, Time);
        talk = new BrokerTalk(again);
        var refused = BrokerTalk.FileOf(Alice, 1, length: 666);
        var orders = Enumerable.Range(2, 8).Select(number => talk.OrderOneAsync(Alice, BrokerTalk.FileOf(Alice, number, length: 600))).ToList();
        var failed = await Assert.ThrowsAsync<PastException>(() => talk.OrderOneAsync(Alice, refused));
        Assert.Contains(BooksPath, failed.Message, StringComparison.Ordinal);
        Assert.All(await Task.WhenAll(orders), order => Assert.Equal(PermitVerdict.Permitted, order.Verdict));
        Assert.Equal(8 * 1800, (await again.GetTotalAsync()).UsedBytes);
        Assert.Equal(8, (await Task.WhenAll(orders)).Select(order => order.Permit!.Serial).Distinct().Count());
    }

    [Fact]
    public async Task Books_belong_to_one_broker_at_a_time()
    {
        await using var broker = await Broker.OpenAsync(BooksPath, Key, Options, Time);
        var refused = await Assert.ThrowsAsync<PastException>(() => Broker.OpenAsync(BooksPath, Key, Options, Time).AsTask());
        Assert.Contains(BooksPath, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_files_and_other_formats_are_refused()
    {
        await File.WriteAllTextAsync(BooksPath, new string('x', 10_000));
        await Assert.ThrowsAsync<PastException>(() => Broker.OpenAsync(BooksPath, Key).AsTask());

        File.Delete(BooksPath);
        await (await Broker.OpenAsync(BooksPath, Key)).DisposeAsync();
        Sql("PRAGMA user_version = 2");
        Assert.Contains("format 2", (await Assert.ThrowsAsync<PastException>(() => Broker.OpenAsync(BooksPath, Key).AsTask())).Message, StringComparison.Ordinal);
        Sql("PRAGMA application_id = 1");
        Assert.Contains("is not a broker's books", (await Assert.ThrowsAsync<PastException>(() => Broker.OpenAsync(BooksPath, Key).AsTask())).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<PastException>(() => Broker.OpenAsync(Path.Combine(_root, "missing", "broker.db"), Key).AsTask());
    }

    [Fact]
    [SuppressMessage("Interoperability", "CA1416", Justification = "Skips where there are no such rights.")]
    public async Task Books_are_their_owner_s_only()
    {
        await using var broker = await Broker.OpenAsync(BooksPath, Key);
        await broker.GetTotalAsync();
        if (!OperatingSystem.IsWindows())
        {
            Assert.All(Directory.GetFiles(_root), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        }
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    private void Sql(string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = BooksPath, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed class FailingSigner(SigningKey key) : ISigner
    {
        public bool Fails { get; set; }

        public PublicKey PublicKey => key.PublicKey;

        public ValueTask<ReadOnlyMemory<byte>> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
            Fails ? throw new IOException("The module does not answer.") : ValueTask.FromResult<ReadOnlyMemory<byte>>(key.Sign(data.Span));
    }
}
