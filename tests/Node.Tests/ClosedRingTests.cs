using NodeSample;
using P2P.Pastry;

namespace Node.Tests;

public sealed class ClosedRingTests : IDisposable
{
    private readonly Workplace _work = new();

    public void Dispose() => _work.Dispose();

    [Fact]
    public async Task Nodes_that_the_authority_admitted_form_a_ring_and_others_are_told_why_they_can_not()
    {
        await MakeAuthorityAsync("authority");
        await AdmitAsync("a", "--out", "a/node.cert");
        await AdmitAsync("b", "--out", "b.cert");
        var first = _work.StartNode("a", "--ring", "mine", "--authority", "authority.pub");
        var (bootstrap, _) = await first.WhenListeningAsync(_work.Patience);
        var second = _work.StartNode("b", "--ring", "mine", "--authority", "authority.pub", "--certificate", "b.cert", "--bootstrap", bootstrap);
        await second.WhenReadyAsync(_work.Patience);

        var stranger = _work.StartNode("c", "--ring", "mine", "--bootstrap", bootstrap);
        await stranger.Errors.WaitForAsync("error: The node can't join the ring.", _work.Patience);
        await stranger.Errors.WaitForAsync("belongs to a closed ring and does not admit a node of this host: the node has no certificate", _work.Patience);
        Assert.Equal(ExitCode.Failed, await stranger.ExitAsync(_work.Patience));
        await first.Errors.WaitForAsync("Ring 'mine' does not admit node", _work.Patience);
        Assert.Single((await first.StatusAsync(_work.Patience)).LeafSet);
    }

    [Fact]
    public async Task A_node_that_its_own_ring_would_refuse_does_not_start()
    {
        await MakeAuthorityAsync("authority");
        await MakeAuthorityAsync("other");
        await AdmitAsync("a", "--out", "a.cert");
        using var key = SigningKey.FromPem(await File.ReadAllTextAsync(_work.PathOf("authority"), _work.Patience));
        var node = PublicKey.FromPem(await File.ReadAllTextAsync(_work.PathOf("a.pub"), _work.Patience));
        var expired = await AdmissionCertificate.IssueAsync(key, node, "mine", DateTimeOffset.UtcNow - TimeSpan.FromDays(1), _work.Patience);
        await File.WriteAllTextAsync(_work.PathOf("expired.cert"), expired.ExportPem(), _work.Patience);
        string[] closed = ["--ring", "mine", "--listen", "127.0.0.1:0", "--authority"];

        (await _work.RunAsync(["run", "--data", "c", .. closed, "authority.pub"])).AssertFailed(ExitCode.Failed, "the node has no certificate");
        (await _work.RunAsync(["run", "--data", "c", .. closed, "authority.pub", "--certificate", "a.cert"])).AssertFailed(ExitCode.Failed, "the certificate is another node's");
        (await _work.RunAsync(["run", "--data", "a", .. closed, "other.pub", "--certificate", "a.cert"])).AssertFailed(ExitCode.Failed, "of another authority");
        (await _work.RunAsync(["run", "--data", "a", .. closed, "authority.pub", "--certificate", "expired.cert"])).AssertFailed(ExitCode.Failed, "has expired");
        (await _work.RunAsync(["run", "--data", "a", .. closed, "a.cert"])).AssertFailed(ExitCode.Failed, "'a.cert' can't be used");
    }

    [Fact]
    public async Task An_authority_is_made_once_and_its_key_is_its_owners()
    {
        await MakeAuthorityAsync("authority");
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_work.PathOf("authority")));
        }

        Assert.DoesNotContain("PRIVATE", await File.ReadAllTextAsync(_work.PathOf("authority.pub"), _work.Patience), StringComparison.Ordinal);
        (await _work.RunAsync("authority", "new", "authority")).AssertFailed(ExitCode.Failed, "is there already");
        (await _work.RunAsync("authority", "admit", "authority", "--key", "authority", "--out", "cert")).AssertFailed(ExitCode.Failed, "no public key");
        (await _work.RunAsync("authority", "admit", "authority.pub", "--key", "missing", "--out", "cert")).AssertFailed(ExitCode.Failed, "missing");
        (await _work.RunAsync("authority", "admit", "authority.pub", "--key", "authority", "--out", "cert", "--lifetime", "soon")).AssertFailed(ExitCode.Usage, "'soon' is not a duration");
        Assert.False(File.Exists(_work.PathOf("cert")));
    }

    [Fact]
    public async Task A_node_is_the_one_whose_key_was_shown_before_it_ran()
    {
        var shown = await _work.RunAsync("identity", "--data", "node");
        var node = _work.StartNode("node");
        var (_, id) = await node.WhenListeningAsync(_work.Patience);
        Assert.Equal(id, PublicKey.FromPem(string.Join('\n', shown.Output)).NodeId.ToString());
        Assert.Equal(shown.Output, (await _work.RunAsync("identity", "--data", "node")).Output);
    }

    private async Task MakeAuthorityAsync(string name)
    {
        var made = await _work.RunAsync("authority", "new", name);
        Assert.True(made.ExitCode == ExitCode.Success, made.ToString());
    }

    private async Task AdmitAsync(string node, params string[] arguments)
    {
        var shown = await _work.RunAsync("identity", "--data", node);
        await File.WriteAllLinesAsync(_work.PathOf($"{node}.pub"), shown.Output, _work.Patience);
        var admitted = await _work.RunAsync(["authority", "admit", $"{node}.pub", "--key", "authority", "--ring", "mine", .. arguments]);
        Assert.True(admitted.ExitCode == ExitCode.Success, admitted.ToString());
        Assert.Contains("to ring mine until", admitted.LastLine, StringComparison.Ordinal);
    }
}
