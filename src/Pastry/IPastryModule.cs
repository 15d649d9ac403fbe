using P2P.Pastry.Hosting;
using P2P.Pastry.Transport;

namespace P2P.Pastry;

/// <summary>
/// Joins an application with the shell that does for it what a pure machine can't: storage, streams, users who wait.
/// </summary>
public interface IPastryModule : IAsyncDisposable
{
    /// <summary>The application that thinks inside the overlay's step.</summary>
    PastryApplication Application { get; }

    /// <summary>Is called once, before the node starts; the module posts inputs to its application through the node.</summary>
    void Attach(PastryNode node);

    /// <summary>Carries out an effect that the application performed. Called on the node's loop: it starts the work and returns.</summary>
    void Perform(object effect);

    /// <summary>Takes a stream that another node's module opened, and becomes its owner. It returns at once and works in the background.</summary>
    void AcceptStream(TransportStream stream);
}
