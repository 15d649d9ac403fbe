using System.Collections.Immutable;
using P2P.Pastry;
using P2P.Pastry.Tests.Transport;
using P2P.Pastry.Transport;
using P2P.Pastry.Transport.Tcp;
using Xunit.Abstractions;

namespace Pastry.Tests.Fuzz;

/// <summary>What hosts say to each other before and between frames: mutated, it is something else or invalid, and proves nothing.</summary>
public sealed class HandshakeFuzzTests(ITestOutputHelper output) : IDisposable
{
    private readonly Fuzzer _fuzzer = new(output);
    private readonly HostileHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public Task Hellos_are_read_or_invalid() => RunAsync(
        seed: 11,
        [
            new Hello(Verdict.Accepted, new VersionRange(1, 1), "default", 77, [.. Enumerable.Range(0, 4).Select(index => new HelloNode((ushort)index, _host.Delegate()))]).ToBytes(),
            Hello.Refusal(Verdict.Identity, new VersionRange(1, 300)).ToBytes(),
        ],
        bytes => Hello.Read(bytes).ToBytes());

    [Fact]
    public Task Messages_between_hosts_are_read_or_invalid() => RunAsync(
        seed: 12,
        [
            new ControlMessage(ControlKind.NodeAdded, 300, _host.Delegate()).ToBytes(),
            new ControlMessage(ControlKind.NodeRemoved, 1).ToBytes(),
            new ControlMessage(ControlKind.Farewell).ToBytes(),
            new ControlMessage(ControlKind.NodeLeaving, 1).ToBytes(),
        ],
        bytes => ControlMessage.Read(bytes).ToBytes());

    [Fact]
    public Task Requests_for_streams_are_read_or_invalid() => RunAsync(
        seed: 13,
        [new StreamRequest(new VersionRange(1, 2), "default", _host.Delegate(), _host.Handle.Id, new PastryApplicationId(5)).ToBytes()],
        bytes => StreamRequest.Read(bytes).ToBytes());

    [Fact]
    public Task Answers_to_them_are_read_or_invalid() => RunAsync(
        seed: 14,
        [
            new StreamAnswer(Verdict.Accepted, new VersionRange(1, 2), _host.Delegate()).ToBytes(),
            new StreamAnswer(Verdict.Busy, new VersionRange(1, 1), null).ToBytes(),
        ],
        bytes => StreamAnswer.Read(bytes).ToBytes());

    [Fact]
    public Task Delegations_are_read_or_invalid() => RunAsync(
        seed: 15,
        [[.. _host.Delegate().Body], [.. _host.Delegate(ring: "another", lifetime: TimeSpan.FromDays(-9)).Body]],
        bytes =>
        {
            var read = Delegation.Read(new SignedStatement(_host.Key.PublicKey, [.. bytes], []));
            return [.. Delegation.Sign(_host.Key, read.Host, read.Ring, read.Expiry, read.Node).Statement.Body];
        },
        rounds: 5_000);

    [Fact]
    public void No_mutation_of_what_a_node_signed_is_its_word()
    {
        const int Seed = 16;
        output.WriteLine($"seed {Seed}");
        var mutator = new Mutator(Seed);
        var verifier = new DelegationVerifier(new TcpTransportOptions());
        var genuine = _host.Delegate();
        byte[][] bodies = [[.. genuine.Body]];
        byte[][] signatures = [[.. genuine.Signature]];
        for (var round = 0; round < 2_000; round++)
        {
            var forged = round % 2 == 0
                ? genuine with { Body = ImmutableArray.Create(mutator.Next(bodies)) }
                : genuine with { Signature = ImmutableArray.Create(mutator.Next(signatures)) };
            if (!forged.Body.SequenceEqual(genuine.Body) || !forged.Signature.SequenceEqual(genuine.Signature))
            {
                Assert.Throws<HandshakeException>(() => verifier.Verify(forged, certificate: null, _host.Identity.Id));
            }
        }

        Assert.Equal(_host.Handle, verifier.Verify(genuine, certificate: null, _host.Identity.Id).Node);
    }

    private Task RunAsync(int seed, byte[][] valid, Func<byte[], byte[]> rewrite, int rounds = 20_000) => _fuzzer.RunAsync(seed, rounds, valid, bytes =>
    {
        try
        {
            return rewrite(bytes);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    });
}
