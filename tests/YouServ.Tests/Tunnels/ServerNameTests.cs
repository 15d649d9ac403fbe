using System.Buffers;
using System.Net.Security;
using System.Text;
using P2P.YouServ.Protocol;

namespace YouServ.Tests.Tunnels;

public sealed class ServerNameTests
{
    [Theory]
    [InlineData("bob.userv.example")]
    [InlineData("a-host-with-a-name-that-is-as-long-as-a-label-may-be-63-letters.userv.example")]
    public async Task A_handshake_names_its_host_however_it_is_cut(string host)
    {
        var hello = await HelloAsync(host);
        for (var length = 1; length < hello.Length; length++)
        {
            Assert.False(ServerName.TryRead(new(hello.AsMemory(0, length)), out _));
        }

        Assert.True(ServerName.TryRead(new(hello), out var name));
        Assert.Equal(host, name);

        // The same in records of a few bytes each, as the protocol allows.
        byte[] split = [.. hello[5..].Chunk(7).SelectMany(part => (byte[])[22, 3, 1, 0, (byte)part.Length, .. part])];
        Assert.True(ServerName.TryRead(new(split), out name));
        Assert.Equal(host, name);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: Bob.userv.example:8080\r\n\r\n", "bob.userv.example")]
    [InlineData("GET / HTTP/1.1\r\nAccept: */*\r\nhost:\tbob.userv.example \r\n", "bob.userv.example")]
    [InlineData("GET / HTTP/1.1\r\nX-Host: x\r\n\r\n", null)]
    [InlineData("GET / HTTP/1.1\r\nHost: \r\n\r\n", null)]
    [InlineData("GET / HTTP/1.1\r\nHost: bob/..\r\n\r\n", null)]
    [InlineData("GET / HTTP/1.1\r\nHost : bob.userv.example\r\n\r\n", null)]
    [InlineData("Host: bob.userv.example\r\n\r\n", null)]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", null)]
    public void A_request_names_its_host(string request, string? expected)
    {
        Assert.True(ServerName.TryRead(new(Encoding.ASCII.GetBytes(request)), out var host));
        Assert.Equal(expected, host);
    }

    [Fact]
    public void Who_names_no_host_in_time_names_none()
    {
        Assert.False(ServerName.TryRead(default, out _));
        Assert.False(ServerName.TryRead(new(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: bob.userv.exa")), out _));
        Assert.True(ServerName.TryRead(new(new byte[ServerName.BytesMax]), out var host));
        Assert.Null(host);
    }

    [Fact]
    public async Task Whatever_comes_is_read_without_harm()
    {
        var hello = await HelloAsync("bob.userv.example");
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = hello.ToArray();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            ServerName.TryRead(new(bytes.AsMemory(0, random.Next(1, bytes.Length + 1))), out var host);
            Assert.True(host is null || host.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.'));
        }
    }

    private static async Task<byte[]> HelloAsync(string host)
    {
        using var sent = new MemoryStream();
        await using var tls = new SslStream(new DeafStream(sent));
        await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }));
        return sent.ToArray();
    }

    /// <summary>Takes what is written, and has nothing to read.</summary>
    private sealed class DeafStream(Stream sink) : Stream
    {
        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => 0;

        public override void Write(byte[] buffer, int offset, int count) => sink.Write(buffer, offset, count);

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
