using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Pastry.Tests.Hosting;

/// <summary>Is a module that fails or waits where a test wants it to.</summary>
internal sealed class TestModule(string name) : IPastryModule
{
    private readonly Application _application = new(PastryApplicationId.FromName(name));

    public bool FailsToAttach { get; init; }

    public bool FailsToClose { get; init; }

    public bool FailsToPerform { get; init; }

    public Task Gate { get; init; } = Task.CompletedTask;

    public TaskCompletionSource Closing { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Performed { get; private set; }

    public int Closed { get; private set; }

    PastryApplication IPastryModule.Application => _application;

    public INodePort Port { get; private set; } = null!;

    public void Attach(INodePort port) => Port = FailsToAttach ? throw new InvalidOperationException("No place.") : port;

    public void Perform(object effect)
    {
        Performed++;
        if (FailsToPerform)
        {
            throw new InvalidOperationException("No hands.");
        }
    }

    public List<TransportStream> Streams { get; } = [];

    public void AcceptStream(TransportStream stream) => Streams.Add(stream);

    public async ValueTask DisposeAsync()
    {
        Closed++;
        Closing.TrySetResult();
        await Gate;
        if (FailsToClose)
        {
            throw new IOException("It does not close.");
        }
    }

    /// <summary>Hands each input back to its shell.</summary>
    private sealed class Application(PastryApplicationId id) : PastryApplication(id)
    {
        protected internal override void Deliver(in RoutedMessage message, IOverlay overlay)
        {
        }

        protected internal override void Handle(object input, IOverlay overlay) => overlay.Perform(input);
    }
}
