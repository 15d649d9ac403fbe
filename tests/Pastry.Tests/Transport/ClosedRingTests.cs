using P2P.Pastry.Transport;
using P2P.Pastry.Transport.Framing;
using P2P.Pastry.Transport.Tcp;

namespace P2P.Pastry.Tests.Transport;

/// <summary>A ring that takes only those whom its authority has admitted, and tells the others why.</summary>
public sealed class ClosedRingTests : IAsyncLifetime, IDisposable
{
    private readonly MeterRecorder _meters = new();
    private readonly SigningKey _authority = SigningKey.Create();
    private readonly SigningKey _otherAuthority = SigningKey.Create();
    private readonly SigningKey _key = SigningKey.Create();
    private readonly SigningKey _otherKey = SigningKey.Create();
    private TestHost _member = null!;

    public async Task InitializeAsync() => _member = await StartMemberAsync(options => options.MeterFactory = _meters);

    public async Task DisposeAsync()
    {
        // Whatever happened, members still talk to each other.
        await using var another = await StartMemberAsync();
        await another.GreetAsync(_member);
        await _member.GreetAsync(another);
        await _member.DisposeAsync();
    }

    public void Dispose()
    {
        _meters.Dispose();
        _authority.Dispose();
        _otherAuthority.Dispose();
        _key.Dispose();
        _otherKey.Dispose();
    }

    [Fact]
    public async Task Members_open_streams_to_each_other()
    {
        await using var another = await StartMemberAsync();
        await using var stream = await another.Transport.OpenStreamAsync(another.Node, _member.Handle, new PastryApplicationId(1));
        Assert.Equal(another.Handle, (await _member.Seen.NextStreamAsync()).Stream.Peer);
    }

    [Fact]
    public async Task A_node_that_comes_to_live_at_a_connected_host_is_admitted_too()
    {
        await using var another = await StartMemberAsync();
        await another.GreetAsync(_member);
        using var key = SigningKey.Create();
        var second = another.Transport.AddNode(new NodeIdentity(key, 1) { Certificate = Issue(_authority, key) });
        Assert.Equal(SendStatus.Accepted, another.Transport.Send(second, _member.Handle, "me too"u8));
        Assert.Equal(second.Handle, (await _member.Seen.NextAsync()).From);
    }

    [Fact]
    public async Task A_node_without_a_certificate_is_refused_and_knows_why() => await RefusedAsync(null, "the node has no certificate");

    [Fact]
    public async Task A_node_with_a_certificate_of_another_authority_is_refused_and_knows_why() =>
        await RefusedAsync(Issue(_otherAuthority, _key), "another authority");

    [Fact]
    public async Task A_node_with_an_expired_certificate_is_refused_and_knows_why() =>
        await RefusedAsync(Issue(_authority, _key, lifetime: TimeSpan.FromHours(-2)), "has expired");

    [Fact]
    public async Task A_node_with_anothers_certificate_is_refused_and_knows_why() =>
        await RefusedAsync(Issue(_authority, _otherKey), "the certificate is another node's");

    [Fact]
    public async Task A_node_with_a_certificate_for_another_ring_is_refused_and_knows_why() =>
        await RefusedAsync(Issue(_authority, _key, ring: "other"), "a ring of another name");

    [Fact]
    public async Task A_node_that_knows_the_ring_to_be_closed_does_not_even_start()
    {
        await using var transport = new TcpTransport(Closed(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)] }));
        await transport.StartAsync(new Recorder());
        var failure = Assert.Throws<PastryException>(() => transport.AddNode(new NodeIdentity(_key, 1)));
        Assert.Contains($"Ring 'default' does not admit node {_key.PublicKey.NodeId}: the node has no certificate", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_the_ring_does_not_admit_gives_up_and_says_why()
    {
        var options = new PastryNodeOptions
        {
            Transport = () => new TcpTransport(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)] }),
            Bootstraps = { _member.Handle.Address },
        };
        await using var node = await PastryNode.StartAsync(options);
        var failure = await Assert.ThrowsAsync<PastryException>(() => node.WhenReadyAsync().AsTask().WaitAsync(Patience.Long));
        Assert.Contains("does not admit a node of this host: the node has no certificate", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<PastryException>(() => node.Completion.WaitAsync(Patience.Long));
    }

    [Fact]
    public async Task A_member_does_not_talk_to_who_is_not_admitted_although_it_dialled()
    {
        await using var open = await TcpTestHost.StartAsync();
        _member.Send(open.Handle, "psst");
        Assert.Equal((open.Handle, PeerDownReason.IdentityMismatch), await _member.Seen.NextDownAsync());
    }

    [Fact]
    public async Task A_host_that_names_no_node_is_not_let_in()
    {
        using var hostile = new HostileHost();
        var (_, answer) = await hostile.GreetAsync(_member);
        Assert.Equal(Verdict.CertificateMissing, answer.Verdict);
        Assert.Empty(answer.Nodes);
    }

    [Fact]
    public async Task A_stranger_that_follows_a_member_of_the_same_host_is_not_admitted()
    {
        using var hostile = new HostileHost();
        var (channel, answer) = await hostile.GreetAsync(_member, new HelloNode(0, hostile.Delegate(), Issue(_authority, hostile.Key)));
        Assert.Equal(Verdict.Accepted, answer.Verdict);
        using var stranger = SigningKey.Create();
        var handle = new NodeHandle(stranger.PublicKey.NodeId, 1, hostile.Handle.Addresses, hostile.Identity.Id.FailureDomain);
        var delegation = Delegation.Sign(stranger, hostile.Identity.Id, "default", DateTimeOffset.UtcNow + TimeSpan.FromHours(24), handle).Statement;
        var added = new ControlMessage(ControlKind.NodeAdded, 1, delegation, Issue(_authority, hostile.Key)).ToBytes();
        var frame = new byte[FrameFormat.HeaderLength + added.Length];
        FrameFormat.Write(frame, FrameFormat.Host, FrameFormat.Host, added);
        await channel.Stream.WriteAsync(frame);
        await _meters.CountsAsync("protocol_violations");
    }

    [Fact]
    public async Task A_stream_is_refused_to_who_is_not_admitted()
    {
        using var hostile = new HostileHost();
        var channel = await hostile.DialAsync(_member, Plane.Stream);
        var request = new StreamRequest(new VersionRange(1, 1), "default", hostile.Delegate(), _member.Handle.Id, new PastryApplicationId(1));
        await channel.WriteBlockAsync(request.ToBytes(), CancellationToken.None);
        Assert.Equal(Verdict.CertificateMissing, StreamAnswer.Read(await channel.ReadBlockAsync(1000, CancellationToken.None)).Verdict);
        await _meters.CountsAsync("handshakes_refused/not_admitted");
    }

    [Fact]
    public async Task A_member_whose_certificate_expires_is_forgotten_and_learns_why()
    {
        var clock = TcpTestHost.ClockAt(TimeSpan.Zero);
        using var meters = new MeterRecorder();
        Action<TcpTransportOptions> patient = options => (options.Time, options.IdleTimeout) = (clock, TimeSpan.FromDays(1));
        await using var member = await StartMemberAsync(patient + (options => options.MeterFactory = meters), expiry: TcpTestHost.Epoch + TimeSpan.FromDays(300));
        await using var fading = await StartMemberAsync(patient, expiry: TcpTestHost.Epoch + TimeSpan.FromHours(5));
        await fading.GreetAsync(member);
        clock.Advance(TimeSpan.FromHours(7));
        await meters.StandsAtAsync("connections", 0);

        fading.Send(member.Handle, "it is me");
        Assert.Equal((member.Handle, PeerDownReason.NotAdmitted), await fading.Seen.NextDownAsync());
        var failure = await Assert.ThrowsAsync<TransportException>(() => fading.Transport.ResolveAsync(fading.Node, member.Handle.Address).AsTask());
        Assert.Contains("has expired", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_open_ring_takes_nodes_with_certificates_as_well()
    {
        await using var open = await TcpTestHost.StartAsync();
        await using var certified = await StartAsync(Issue(_authority, _key));
        await certified.GreetAsync(open);
        await open.GreetAsync(certified);
    }

    [Fact]
    public async Task An_admission_that_fails_admits_nobody()
    {
        await using var broken = new TcpTransport(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)], Admission = new BrokenAdmission() });
        await broken.StartAsync(new Recorder());
        Assert.Contains("The list is lost.", Assert.Throws<PastryException>(() => broken.AddNode(new NodeIdentity(_key, 1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Certificates_stand_behind_the_fields_that_others_know()
    {
        using var hostile = new HostileHost();
        var (delegation, certificate) = (hostile.Delegate(), Issue(_authority, hostile.Key));
        var versions = VersionRange.Supported;

        var hello = new Hello(Verdict.Accepted, versions, "default", 1, [new HelloNode(0, delegation, certificate), new HelloNode(1, delegation)]);
        Assert.Equal([certificate.Signer, null], Hello.Read(hello.ToBytes()).Nodes.Select(node => node.Certificate?.Signer));
        var added = new ControlMessage(ControlKind.NodeAdded, 3, delegation, certificate);
        Assert.Equal(certificate.Body, ControlMessage.Read(added.ToBytes()).Certificate!.Body.AsEnumerable());
        var request = new StreamRequest(versions, "default", delegation, hostile.Handle.Id, new PastryApplicationId(1), certificate);
        Assert.Equal(certificate.Body, StreamRequest.Read(request.ToBytes()).Certificate!.Body.AsEnumerable());
        var answer = new StreamAnswer(Verdict.Accepted, versions, delegation, certificate);
        Assert.Equal(certificate.Body, StreamAnswer.Read(answer.ToBytes()).Certificate!.Body.AsEnumerable());

        // Where there is none, the bytes are what they were before there were certificates.
        Assert.Equal(0x93, added.ToBytes()[0] - 1);
        Assert.Equal(0x93, (added with { Certificate = null }).ToBytes()[0]);
        Assert.Equal(0x96, (request with { Certificate = null }).ToBytes()[0]);
        Assert.Equal(0x94, (answer with { Certificate = null }).ToBytes()[0]);
    }

    private static TcpTransportOptions Closed(TcpTransportOptions options, params PublicKey[] authorities)
    {
        options.Admission = new AuthorityAdmission(authorities);
        return options;
    }

    private static SignedStatement Issue(SigningKey authority, SigningKey node, string ring = "default", TimeSpan? lifetime = null, DateTimeOffset? expiry = null)
    {
        var issued = AdmissionCertificate.IssueAsync(authority, node.PublicKey, ring, expiry ?? DateTimeOffset.UtcNow + (lifetime ?? TimeSpan.FromDays(1))).AsTask();
        Assert.True(issued.IsCompletedSuccessfully);
        return issued.Result.Statement;
    }

    /// <summary>Starts a host that is not set up for a closed ring.</summary>
    private async Task<TestHost> StartAsync(SignedStatement? certificate) =>
        await new TestHost(new TcpTransport(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)] })).StartAsync(_key, certificate: certificate);

    private async Task<TestHost> StartMemberAsync(Action<TcpTransportOptions>? change = null, DateTimeOffset? expiry = null)
    {
        var options = Closed(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)] }, _authority.PublicKey);
        change?.Invoke(options);
        var host = new TestHost(new TcpTransport(options));
        var key = host.NewKey();
        return await host.StartAsync(key, certificate: Issue(_authority, key, expiry: expiry));
    }

    private async Task RefusedAsync(SignedStatement? certificate, string reason)
    {
        await using var stranger = await StartAsync(certificate);
        stranger.Send(_member.Handle, "let me in");
        Assert.Equal((_member.Handle, PeerDownReason.NotAdmitted), await stranger.Seen.NextDownAsync());
        var failure = await Assert.ThrowsAsync<TransportException>(() => stranger.Transport.ResolveAsync(stranger.Node, _member.Handle.Address).AsTask());
        Assert.Equal(PeerDownReason.NotAdmitted, failure.Reason);
        Assert.Contains("belongs to a closed ring", failure.Message, StringComparison.Ordinal);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        await _meters.CountsAsync("handshakes_refused/not_admitted");
        Assert.Equal(0, _meters.Sum("connections"));
    }

    private sealed class BrokenAdmission : INodeAdmission
    {
        public AdmissionDecision Judge(AdmissionRequest request) => throw new InvalidOperationException("The list is lost.");
    }
}
