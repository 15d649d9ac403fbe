using P2P.Pastry.Transport;

namespace P2P.Pastry;

/// <summary>
/// Joins an application with the shell that does for it what a pure machine can't: storage, streams, users who wait.
/// </summary>
public interface IPastryModule : IAsyncDisposable
{
    /// <summary>The application that thinks inside the overlay's step.</summary>
    PastryApplication Application { get; }

    /// <summary>Is called once, before the node starts; whatever the module does with the node, it does through the port.</summary>
    void Attach(INodePort port);

    /// <summary>
    /// Carries out an effect that the application performed. Called between the node's steps: it starts the work and returns. By default it does
    /// nothing, which suits an application that performs no effects.
    /// </summary>
    void Perform(object effect)
    {
    }

    /// <summary>
    /// Takes a stream that another node's module opened, and becomes its owner. It returns at once and works in the background. By default the
    /// stream is closed.
    /// </summary>
    void AcceptStream(TransportStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _ = stream.DisposeAsync().AsTask();
    }
}
