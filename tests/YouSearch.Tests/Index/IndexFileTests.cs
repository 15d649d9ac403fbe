using Microsoft.Data.Sqlite;
using P2P.YouSearch;
using P2P.YouSearch.Index;
using static YouSearch.Tests.Index.TestIndex;

namespace YouSearch.Tests.Index;

public sealed class IndexFileTests
{
    [Fact]
    public async Task An_index_is_there_again_when_it_is_opened_again()
    {
        await using var test = await OpenAsync();
        await test.UpdateAsync(Put("a", "words"));
        await test.ReopenAsync();
        Assert.Equal("a", await test.FindAsync("words"));
        Assert.Equal(FileAt("a"), Assert.Single(await test.Index.ListAsync()));
        Assert.Equal([Path.GetFileName(test.File)], (await Closed(test)).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_file_is_for_its_owner_alone()
    {
        await using var test = await OpenAsync();
        await test.UpdateAsync(Put("a", "words"));
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in Directory.GetFiles(Path.GetDirectoryName(test.File)!))
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
        }
    }

    [Fact]
    public async Task An_index_of_another_version_gives_way()
    {
        await using var test = await OpenAsync();
        await test.UpdateAsync(Put("a", "words"));
        await test.CloseAsync();
        Execute(test.File, "PRAGMA user_version = 999");
        await test.ReopenAsync();
        Assert.Empty(await test.Index.ListAsync());
        await test.UpdateAsync(Put("b", "words"));
        Assert.Equal("b", await test.FindAsync("words"));
    }

    [Fact]
    public async Task A_database_of_something_else_is_left_alone()
    {
        await using var test = await OpenAsync();
        await test.CloseAsync();
        var other = test.File + ".other";
        Execute(other, "CREATE TABLE precious (x)");
        var failure = await Assert.ThrowsAsync<YouSearchException>(() => FtsIndex.OpenAsync(other).AsTask());
        Assert.Contains("something else", failure.Message, StringComparison.Ordinal);
        Execute(other, "INSERT INTO precious VALUES (1)");
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_set_aside()
    {
        await using var test = await OpenAsync();
        await test.CloseAsync();
        var letter = test.File + ".letter";
        await File.WriteAllTextAsync(letter, string.Concat(Enumerable.Repeat("Dear Joe, ", 1000)));
        await using (var index = await FtsIndex.OpenAsync(letter))
        {
            Assert.Empty(await index.ListAsync());
        }

        Assert.StartsWith("Dear Joe", await File.ReadAllTextAsync(letter + ".damaged"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(4096)]
    [InlineData(40_000)]
    public async Task A_damaged_index_begins_anew(int offset)
    {
        await using var test = await OpenAsync();
        await test.Index.UpdateAsync([.. Enumerable.Range(0, 500).Select(i => Put($"f{i}", $"word{i} {new string('x', 30)} common words"))]);
        await test.CloseAsync();
        var bytes = await File.ReadAllBytesAsync(test.File);
        new Random(offset).NextBytes(bytes.AsSpan(offset, bytes.Length - offset));
        await File.WriteAllBytesAsync(test.File, bytes);
        await test.ReopenAsync();
        await test.Index.ListAsync();
        await test.FindAsync("common words");
        await test.UpdateAsync(Put("new", "fresh common words"));
        Assert.Equal("new", await test.FindAsync("fresh common"));
        Assert.Single(await test.Index.ListAsync());
    }

    [Fact]
    public async Task An_index_that_is_cut_off_begins_anew()
    {
        await using var test = await OpenAsync();
        await test.Index.UpdateAsync([.. Enumerable.Range(0, 500).Select(i => Put($"f{i}", $"word{i} {new string('x', 30)} common words"))]);
        await test.CloseAsync();
        await using (var file = File.OpenWrite(test.File))
        {
            file.SetLength(file.Length / 2);
        }

        await test.ReopenAsync();
        await test.Index.ListAsync();
        await test.FindAsync("common words");
        await test.UpdateAsync(Put("new", "fresh common words"));
        Assert.Equal("new", await test.FindAsync("fresh common"));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_said_so()
    {
        await using var test = await OpenAsync();
        var failure = await Assert.ThrowsAsync<YouSearchException>(() => FtsIndex.OpenAsync(Path.Combine(test.File, "below", "x")).AsTask());
        Assert.Contains("cannot be opened", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_index_says_so()
    {
        await using var test = await OpenAsync();
        await test.CloseAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => test.FindAsync("x"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => test.UpdateAsync(Put("a", "x")));
        await test.CloseAsync();
    }

    private static async Task<string[]> Closed(TestIndex test)
    {
        await test.CloseAsync();
        return Directory.GetFiles(Path.GetDirectoryName(test.File)!);
    }

    private static void Execute(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
