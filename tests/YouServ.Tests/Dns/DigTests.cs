using System.Diagnostics;
using System.Globalization;
using P2P.YouServ.Dns;

namespace YouServ.Tests.Dns;

/// <summary>The program that people ask servers with understands the answers.</summary>
public sealed class DigTests : IAsyncLifetime
{
    private DnsServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await TestZone.StartAsync();
        await _server.PublishAsync(
        [
            TestZone.Addresses(TestZone.Joe, "192.0.2.1"),
            DnsRecordSet.OfTexts(TestZone.Joe, "it's \"text\"", new string('x', 2000)),
            new DnsRecordSet(TestZone.Origin.Child("www"), DnsRecordType.Cname, ["joe.userv.example"]),
        ]);
    }

    public Task DisposeAsync() => _server.DisposeAsync().AsTask();

    [SkippableTheory]
    [InlineData("joe.userv.example A", "status: NOERROR|flags: qr aa rd;|joe.userv.example. 10 IN A 192.0.2.1|EDNS: version: 0, flags:; udp: 1232")]
    [InlineData("+tcp +dnssec www.userv.example A", "www.userv.example. 10 IN CNAME joe.userv.example.|joe.userv.example. 10 IN A 192.0.2.1|flags: do; udp: 1232")]
    [InlineData("joe.userv.example TXT", "Truncated, retrying in TCP mode.|\"it's \\\"text\\\"\"|status: NOERROR")]
    [InlineData("userv.example MX", "userv.example. 10 IN MX 10 mail.userv.example.")]
    [InlineData("userv.example NS", "userv.example. 3600 IN NS ns.other.example.")]
    [InlineData("nobody.userv.example A", "status: NXDOMAIN|userv.example. 5 IN SOA ns1.userv.example. hostmaster.userv.example.")]
    [InlineData("other.example A", "status: REFUSED")]
    [InlineData("userv.example AXFR", "; Transfer failed.")]
    [InlineData("+edns=1 +noednsneg joe.userv.example A", "status: BADVERS")]
    [InlineData("+noedns +opcode=notify userv.example SOA", "status: NOTIMP")]
    [InlineData("+noedns +bufsize=0 joe.userv.example AAAA", "status: NOERROR|ANSWER: 0, AUTHORITY: 1")]
    [InlineData("-c CH version.bind TXT", "status: REFUSED")]
    public async Task Dig_prints_what_was_asked_for(string arguments, string expected)
    {
        var dig = Installed.Program("dig", "bind9-dnsutils");
        using var process = Process.Start(new ProcessStartInfo(dig, string.Create(CultureInfo.InvariantCulture, $"@127.0.0.1 -p {_server.Endpoints[0].Port} +nocookie +qr {arguments}")) { RedirectStandardOutput = true })!;
        var output = string.Join(' ', (await process.StandardOutput.ReadToEndAsync()).Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries));
        await process.WaitForExitAsync();
        Assert.All(expected.Split('|'), part => Assert.Contains(part, output));
        Assert.DoesNotContain("WARNING", output.Replace("WARNING: recursion requested but not available", "", StringComparison.Ordinal));
    }
}
