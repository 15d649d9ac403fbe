using System.Collections.Concurrent;
using P2P.Past;
using P2P.Pastry.Transport.Tcp;

namespace P2P.Pastry.Tests.Upgrade;

/// <summary>A ring whose hosts speak two versions of the wire is one ring, and goes from one to the next while it is used.</summary>
public sealed class RollingUpgradeTests : IDisposable
{
    private const int Replicas = 3;

    private static readonly VersionRange First = new(1, 1);
    private static readonly VersionRange Both = new(1, 2);
    private static readonly VersionRange Second = new(2, 2);

    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(4));

    private readonly SigningKey _owner = SigningKey.Create();
    private int _uncertainInserts;
    private int _lookups;
    private int _unansweredLookups;

    private CancellationToken Patience => _patience.Token;

    public void Dispose()
    {
        _patience.Dispose();
        _owner.Dispose();
    }

    [Fact]
    public async Task A_ring_half_of_which_knows_only_the_first_version_stores_and_finds_files()
    {
        await using var ring = await UpgradedRing.StartAsync([First, Both, First, Both, First, Both, First, Both], Patience);
        foreach (var length in (int[])[1_000, 100_000])
        {
            foreach (var inserter in ring.Members)
            {
                var content = Content(length, seed: 1);
                var stored = Assert.IsType<InsertResult.Stored>(
                    await inserter.Past.InsertAsync("file", _owner, ContentSource.FromBytes(content), cancellationToken: Patience));
                foreach (var reader in ring.Members)
                {
                    var found = Assert.IsType<LookupResult.Found>(await reader.Past.LookupAsync(stored.FileId, Patience));
                    Assert.Equal(content, await found.File.ReadAllBytesAsync(Patience));
                }
            }
        }

        Assert.All(ring.Members.Where((_, i) => i % 2 == 0), old => Assert.All(old.Versions, version => Assert.Equal(1, version)));
        Assert.Contains(2, ring.Members[1].Versions);
    }

    [Fact]
    public async Task A_ring_is_upgraded_node_by_node_while_its_users_find_and_read_every_file()
    {
        await using var ring = await UpgradedRing.StartAsync(Enumerable.Repeat(First, 8), Patience);
        var files = new ConcurrentDictionary<FileId, byte[]>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Patience);
        Task[] users = [InsertAsync(ring, files, ending.Token), LookUpAsync(ring, files, ending.Token)];
        await ring.UntilAsync(() => files.Count >= 10 || users.Any(user => user.IsFaulted), Patience);

        foreach (var versions in (VersionRange[])[Both, Second])
        {
            foreach (var member in ring.Members)
            {
                await ring.RestartAsync(member, versions, Patience);

                // As the operator does: the next one goes when all files have their replicas.
                await ring.UntilAsync(() => files.Keys.All(file => ring.CountHolders(file) >= Replicas) || users.Any(user => user.IsFaulted), Patience);
            }
        }

        await ending.CancelAsync();
        await Task.WhenAll(users);
        var (inserts, uncertain, lookups, unanswered) = (files.Count, _uncertainInserts, _lookups, _unansweredLookups);
        Assert.True(uncertain * 10 <= inserts, $"{uncertain} of {inserts} inserts had to be tried again");
        Assert.True(unanswered * 10 <= lookups, $"{unanswered} of {lookups} lookups had no answer");
        Assert.All(ring.Members, member => Assert.All(member.Versions, version => Assert.Equal(2, version)));
        foreach (var (file, content) in files)
        {
            await ring.UntilAsync(() => ring.CountHolders(file) >= Replicas, Patience);
            var found = Assert.IsType<LookupResult.Found>(await ring.Members[^1].Past.LookupAsync(file, Patience));
            Assert.Equal(content, await found.File.ReadAllBytesAsync(Patience));
        }
    }

    /// <summary>Inserts files, one after the other, each through another node; one whose outcome is not certain is inserted again until it is.</summary>
    private async Task InsertAsync(UpgradedRing ring, ConcurrentDictionary<FileId, byte[]> files, CancellationToken ending)
    {
        for (var i = 0; !ending.IsCancellationRequested && i < 400; i++)
        {
            // Some are small enough to travel in a message, others have a stream.
            var content = Content(i % 4 == 0 ? 100_000 : 1_000, seed: i);
            InsertResult? result = null;
            for (var turn = i; result is not InsertResult.Stored; turn++)
            {
                result = await ring.Members[turn % ring.Members.Count].TryUseAsync(past => InsertAsync(past, result, i, content)) ?? result;
                Assert.True(result is null or InsertResult.Stored or InsertResult.Indeterminate, $"{result}");
                _uncertainInserts += result is InsertResult.Indeterminate ? 1 : 0;
            }

            files[result.FileId] = content;
        }
    }

    private async Task<InsertResult> InsertAsync(PastStore past, InsertResult? before, int number, byte[] content) => before is null
        ? await past.InsertAsync($"file {number}", _owner, ContentSource.FromBytes(content), cancellationToken: Patience)
        : await past.ResumeInsertAsync(before.Certificate, ContentSource.FromBytes(content), cancellationToken: Patience);

    /// <summary>Looks files up that are stored, one after the other, and reads them; none may be missing, nor end before it is read.</summary>
    private async Task LookUpAsync(UpgradedRing ring, ConcurrentDictionary<FileId, byte[]> files, CancellationToken ending)
    {
        var random = new Random(1);
        while (!ending.IsCancellationRequested)
        {
            var stored = files.ToArray();
            if (stored.Length == 0)
            {
                await Task.Yield();
                continue;
            }

            var (file, content) = stored[random.Next(stored.Length)];
            var reader = ring.Members[random.Next(ring.Members.Count)];
            if (await reader.TryUseAsync(async past => await ReadAsync(past, file)) is { } read)
            {
                _lookups++;
                _unansweredLookups += read.Length == 0 ? 1 : 0;
                Assert.True(read.Length == 0 || read.AsSpan().SequenceEqual(content));
            }
        }
    }

    /// <summary>Reads a file that is stored.</summary>
    /// <returns>Its content; nothing where not all who might hold it answered.</returns>
    private async Task<byte[]> ReadAsync(PastStore past, FileId file)
    {
        var result = await past.LookupAsync(file, Patience);
        Assert.NotSame(LookupResult.NotFound.Instance, result);
        return result is LookupResult.Found found ? await found.File.ReadAllBytesAsync(Patience) : [];
    }

    private static byte[] Content(int length, int seed)
    {
        var content = new byte[length];
        new Random(seed).NextBytes(content);
        return content;
    }
}
