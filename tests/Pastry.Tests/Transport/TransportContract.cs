using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using P2P.Pastry.Transport;

namespace P2P.Pastry.Tests.Transport;

/// <summary>What every transport does.</summary>
public abstract class TransportContract
{
    private static readonly PastryApplicationId Echo = PastryApplicationId.FromName("test/echo");

    private protected abstract ITransport Create();

    private protected async Task<TestHost> StartAsync() => await new TestHost(Create()).StartAsync();

    [Fact]
    public async Task Messages_pass_both_ways()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        Assert.Equal(SendStatus.Accepted, a.Send(b.Handle, "hello"));
        var arrival = await b.Seen.NextAsync();
        Assert.Equal("hello", arrival.Text);
        Assert.Equal(b.Node, arrival.To);
        Assert.Equal(a.Handle, arrival.From);
        Assert.Equal(a.Handle.Addresses.ToArray(), arrival.From.Addresses.ToArray());

        Assert.Equal(SendStatus.Accepted, b.Send(arrival.From, "hello yourself"));
        Assert.Equal("hello yourself", (await a.Seen.NextAsync()).Text);
    }

    [Fact]
    public async Task Messages_of_a_pair_keep_their_order()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        const int Count = 2000;
        for (var i = 0; i < Count; i++)
        {
            Assert.Equal(SendStatus.Accepted, a.Send(b.Handle, $"{i}"));
        }

        for (var i = 0; i < Count; i++)
        {
            Assert.Equal($"{i}", (await b.Seen.NextAsync()).Text);
        }
    }

    [Fact]
    public async Task Several_nodes_share_a_host()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        await a.GreetAsync(b);
        var senders = Enumerable.Range(0, 5).Select(_ => a.AddNode()).ToArray();
        var receivers = Enumerable.Range(0, 5).Select(_ => b.AddNode()).ToArray();
        foreach (var from in senders)
        {
            foreach (var to in receivers)
            {
                Assert.Equal(SendStatus.Accepted, a.Transport.Send(from, to.Handle, Encoding.UTF8.GetBytes($"{from.Handle.Id} to {to.Handle.Id}")));
            }
        }

        for (var i = 0; i < senders.Length * receivers.Length; i++)
        {
            var arrival = await b.Seen.NextAsync();
            Assert.Equal($"{arrival.From.Id} to {arrival.To.Handle.Id}", arrival.Text);
        }
    }

    [Fact]
    public async Task Nodes_of_one_host_talk_to_each_other()
    {
        await using var a = await StartAsync();
        var second = a.AddNode();
        Assert.Equal(a.Handle.FailureDomain, second.Handle.FailureDomain);
        Assert.Equal(SendStatus.Accepted, a.Send(second.Handle, "neighbour"));
        var arrival = await a.Seen.NextAsync();
        Assert.Equal(("neighbour", second, a.Handle), (arrival.Text, arrival.To, arrival.From));
    }

    [Fact]
    public async Task A_node_that_was_removed_no_longer_speaks_nor_hears()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        await a.GreetAsync(b);
        var gone = b.AddNode();
        b.Transport.RemoveNode(gone);
        Assert.Equal(SendStatus.Unreachable, b.Transport.Send(gone, a.Handle, "ghost"u8));
        // What b sends now is behind the news.
        await b.GreetAsync(a);
        a.Send(gone.Handle, "to a ghost");
        var (peer, reason) = await a.Seen.NextDownAsync();
        Assert.Equal((gone.Handle, PeerDownReason.IdentityMismatch), (peer, reason));
    }

    [Fact]
    public async Task The_longest_message_passes_and_a_longer_one_is_a_misuse()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        var longest = RandomNumberGenerator.GetBytes(MessageBatch.MessageLengthMax);
        Assert.Equal(SendStatus.Accepted, a.Transport.Send(a.Node, b.Handle, longest));
        Assert.Equal(longest, (await b.Seen.NextAsync()).Bytes);
        Assert.Throws<ArgumentException>(() => a.Transport.Send(a.Node, b.Handle, new byte[MessageBatch.MessageLengthMax + 1]));
        Assert.Equal(SendStatus.Accepted, a.Transport.Send(a.Node, b.Handle, []));
        Assert.Empty((await b.Seen.NextAsync()).Bytes);
    }

    [Fact]
    public async Task Messages_of_all_lengths_arrive_whole()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        var random = new Random(7);
        for (var round = 0; round < 40; round++)
        {
            var sent = new List<byte[]>();
            for (var budget = 200_000; budget > 0 && sent.Count < 300;)
            {
                var message = new byte[random.Next(10) == 0 ? random.Next(60_000) : random.Next(300)];
                random.NextBytes(message);
                sent.Add(message);
                budget -= message.Length;
                Assert.Equal(SendStatus.Accepted, a.Transport.Send(a.Node, b.Handle, message));
            }

            foreach (var message in sent)
            {
                Assert.Equal(message, (await b.Seen.NextAsync()).Bytes);
            }
        }
    }

    [Fact]
    public async Task Who_is_not_the_node_it_should_be_gets_no_message()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        using var key = SigningKey.Create();
        var wrong = new NodeHandle(key.PublicKey.NodeId, 1, b.Handle.Addresses);
        a.Send(wrong, "not for you");
        var (peer, reason) = await a.Seen.NextDownAsync();
        Assert.Equal((wrong, PeerDownReason.IdentityMismatch), (peer, reason));
        Assert.Equal(SendStatus.Accepted, a.Send(b.Handle, "for you"));
        Assert.Equal("for you", (await b.Seen.NextAsync()).Text);
    }

    [Fact]
    public async Task A_peer_that_died_is_reported_and_one_that_left_is_not()
    {
        await using var a = await StartAsync();
        var dies = await StartAsync();
        var leaves = await StartAsync();
        await a.GreetAsync(dies);
        await a.GreetAsync(leaves);
        await leaves.DisposeAsync();
        dies.Transport.Abort();
        Assert.Equal((dies.Handle, PeerDownReason.ConnectionLost), await a.Seen.NextDownAsync());
        Assert.False(a.Seen.HasDown);
        await dies.DisposeAsync();
    }

    [Fact]
    public async Task A_peer_that_nobody_runs_any_more_is_reported_as_refused()
    {
        await using var a = await StartAsync();
        var gone = await StartAsync();
        await gone.DisposeAsync();
        a.Send(gone.Handle, "anybody there?");
        Assert.Equal((gone.Handle, PeerDownReason.Refused), await a.Seen.NextDownAsync());
    }

    [Fact]
    public async Task An_address_resolves_to_the_node_that_lives_there()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        var resolved = await a.Transport.ResolveAsync(a.Node, b.Handle.Address);
        Assert.Equal(b.Handle, resolved);
        Assert.Equal(b.Handle.Addresses.ToArray(), resolved.Addresses.ToArray());
        Assert.Equal(b.Handle.FailureDomain, resolved.FailureDomain);
    }

    [Fact]
    public async Task An_address_of_nobody_and_of_oneself_do_not_resolve()
    {
        await using var a = await StartAsync();
        var gone = await StartAsync();
        await gone.DisposeAsync();
        var refused = await Assert.ThrowsAsync<TransportException>(() => a.Transport.ResolveAsync(a.Node, gone.Handle.Address).AsTask());
        Assert.Equal(PeerDownReason.Refused, refused.Reason);
        Assert.Contains(gone.Handle.Address.ToString(), refused.Message, StringComparison.Ordinal);
        var self = await Assert.ThrowsAsync<TransportException>(() => a.Transport.ResolveAsync(a.Node, a.Handle.Address).AsTask());
        Assert.Contains("itself", self.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_address_of_ones_own_host_resolves_to_another_node_that_lives_there()
    {
        await using var a = await StartAsync();
        var second = a.AddNode();
        Assert.Equal(a.Handle, await a.Transport.ResolveAsync(second, a.Handle.Address));
        Assert.Equal(second.Handle, await a.Transport.ResolveAsync(a.Node, a.Handle.Address));
        a.Transport.RemoveNode(second);
        await Assert.ThrowsAsync<TransportException>(() => a.Transport.ResolveAsync(a.Node, a.Handle.Address).AsTask());
    }

    [Fact]
    public async Task A_stream_echoes_fifty_megabytes_and_ends_cleanly()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        await using var near = await a.Transport.OpenStreamAsync(a.Node, b.Handle, Echo);
        var (node, far, application) = await b.Seen.NextStreamAsync();
        Assert.Equal((b.Node, a.Handle, b.Handle, Echo), (node, far.Peer, near.Peer, application));
        var echo = Task.Run(async () =>
        {
            await far.Input.CopyToAsync(far.Output);
            await far.Output.CompleteAsync();
            await far.DisposeAsync();
        });

        const int Length = 50 * 1024 * 1024;
        using var sent = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var sending = Task.Run(async () =>
        {
            var block = new byte[100_000];
            for (var left = Length; left > 0; left -= block.Length)
            {
                Random.Shared.NextBytes(block);
                var part = block.AsMemory(0, Math.Min(left, block.Length));
                sent.AppendData(part.Span);
                await near.Output.WriteAsync(part);
            }

            await near.Output.CompleteAsync();
        });
        var (received, hash) = await DrainAsync(near.Input).WaitAsync(Patience.Long);
        await Task.WhenAll(sending, echo).WaitAsync(Patience.Long);
        Assert.Equal(Length, received);
        Assert.Equal(sent.GetHashAndReset(), hash);
    }

    [Fact]
    public async Task A_stream_holds_back_a_writer_whose_reader_is_slow_and_no_message()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        await using var near = await a.Transport.OpenStreamAsync(a.Node, b.Handle, Echo);
        var (_, far, _) = await b.Seen.NextStreamAsync();
        const long Length = 256 * 1024 * 1024;
        var writing = Task.Run(async () =>
        {
            var block = new byte[256 * 1024];
            for (var left = Length; left > 0; left -= block.Length)
            {
                await near.Output.WriteAsync(block);
            }

            await near.Output.CompleteAsync();
        });
        for (var i = 0; i < 500; i++)
        {
            await a.GreetAsync(b);
            await b.GreetAsync(a);
        }

        Assert.False(writing.IsCompleted);
        Assert.Equal(Length, (await DrainAsync(far.Input).WaitAsync(Patience.Long)).Length);
        await writing.WaitAsync(Patience.Long);
        await far.DisposeAsync();
    }

    [Fact]
    public async Task A_stream_that_is_cut_off_does_not_end_cleanly()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        var near = await a.Transport.OpenStreamAsync(a.Node, b.Handle, Echo);
        var (_, far, _) = await b.Seen.NextStreamAsync();
        await near.Output.WriteAsync("the beginning"u8.ToArray());
        var beginning = await far.Input.ReadAtLeastAsync(13);
        Assert.Equal("the beginning", Encoding.UTF8.GetString(beginning.Buffer.FirstSpan));
        far.Input.AdvanceTo(beginning.Buffer.End);
        await near.DisposeAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => far.Input.ReadAsync().AsTask().WaitAsync(Patience.Long));
        await far.DisposeAsync();
    }

    [Fact]
    public async Task What_was_completed_arrives_though_the_writer_disposed_at_once()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        var near = await a.Transport.OpenStreamAsync(a.Node, b.Handle, Echo);
        await near.Output.WriteAsync(new byte[100_000]);
        await near.Output.CompleteAsync();
        var (_, far, _) = await b.Seen.NextStreamAsync();
        await near.DisposeAsync();
        Assert.Equal(100_000, (await DrainAsync(far.Input).WaitAsync(Patience.Long)).Length);
        await far.DisposeAsync();
    }

    [Fact]
    public async Task A_stream_between_nodes_of_one_host_works()
    {
        await using var a = await StartAsync();
        var second = a.AddNode();
        await using var near = await a.Transport.OpenStreamAsync(a.Node, second.Handle, Echo);
        var (node, far, _) = await a.Seen.NextStreamAsync();
        Assert.Equal(second, node);
        await near.Output.WriteAsync(new byte[1000]);
        await near.Output.CompleteAsync();
        Assert.Equal(1000, (await DrainAsync(far.Input).WaitAsync(Patience.Long)).Length);
        await far.DisposeAsync();
    }

    [Fact]
    public async Task A_stream_to_who_is_not_there_fails()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        using var key = SigningKey.Create();
        var wrong = new NodeHandle(key.PublicKey.NodeId, 1, b.Handle.Addresses);
        var failure = await Assert.ThrowsAsync<TransportException>(() => a.Transport.OpenStreamAsync(a.Node, wrong, Echo).AsTask());
        Assert.Equal(PeerDownReason.IdentityMismatch, failure.Reason);
        await b.DisposeAsync();
        failure = await Assert.ThrowsAsync<TransportException>(() => a.Transport.OpenStreamAsync(a.Node, b.Handle, Echo).AsTask());
        Assert.Equal(PeerDownReason.Refused, failure.Reason);
    }

    [Fact]
    public async Task A_node_is_added_once_and_only_after_the_start()
    {
        await using var a = await StartAsync();
        using var key = SigningKey.Create();
        a.AddNode(key);
        Assert.Throws<PastryException>(() => a.AddNode(key));
        await using var early = Create();
        Assert.Throws<PastryException>(() => early.AddNode(new NodeIdentity(key, 1)));
    }

    [Fact]
    public async Task A_transport_that_is_disposed_reaches_nobody()
    {
        await using var b = await StartAsync();
        var a = await StartAsync();
        await a.GreetAsync(b);
        await a.DisposeAsync();
        Assert.Equal(SendStatus.Unreachable, a.Send(b.Handle, "late"));
        await a.DisposeAsync();
    }

    private protected static async Task<(long Length, byte[] Hash)> DrainAsync(PipeReader reader)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var length = 0L;
        while (true)
        {
            var result = await reader.ReadAsync();
            foreach (var segment in result.Buffer)
            {
                hash.AppendData(segment.Span);
            }

            length += result.Buffer.Length;
            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return (length, hash.GetHashAndReset());
            }
        }
    }
}
