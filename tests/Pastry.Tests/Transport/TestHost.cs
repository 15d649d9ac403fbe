using System.Text;
using P2P.Pastry.Transport;

namespace P2P.Pastry.Tests.Transport;

/// <summary>Is a started transport with one node and a recorder.</summary>
internal sealed class TestHost(ITransport transport) : IAsyncDisposable
{
    private readonly List<SigningKey> _keys = [];
    private LocalNode? _node;

    public ITransport Transport { get; } = transport;

    public Recorder Seen { get; } = new();

    public LocalNode Node => _node!;

    public NodeHandle Handle => Node.Handle;

    public async Task<TestHost> StartAsync(SigningKey? key = null, ulong incarnation = 1, SignedStatement? certificate = null)
    {
        await Transport.StartAsync(Seen);
        _node = AddNode(key, incarnation, certificate);
        return this;
    }

    public LocalNode AddNode(SigningKey? key = null, ulong incarnation = 1, SignedStatement? certificate = null) =>
        Transport.AddNode(new NodeIdentity(key ?? NewKey(), incarnation) { Certificate = certificate });

    /// <summary>Makes a key that lasts as long as the host.</summary>
    public SigningKey NewKey()
    {
        var key = SigningKey.Create();
        _keys.Add(key);
        return key;
    }

    public SendStatus Send(NodeHandle to, string text) => Transport.Send(Node, to, Encoding.UTF8.GetBytes(text));

    /// <summary>Sends until it is accepted, then waits until the other side has it.</summary>
    public async Task GreetAsync(TestHost other)
    {
        Assert.Equal(SendStatus.Accepted, Send(other.Handle, "greeting"));
        Assert.Equal("greeting", (await other.Seen.NextAsync()).Text);
    }

    public async ValueTask DisposeAsync()
    {
        await Transport.DisposeAsync();
        _keys.ForEach(key => key.Dispose());
    }
}
