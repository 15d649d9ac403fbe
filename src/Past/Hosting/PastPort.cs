using P2P.Past.Protocol;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace P2P.Past;

/// <summary>Is what PAST's shell needs of the node that it runs on.</summary>
internal sealed class PastPort(INodePort node, CancellationToken closing)
{
    public NodeHandle Self => node.Handle;

    public TimeProvider Time => node.Time;

    /// <summary>Is set when PAST stops on this node.</summary>
    public CancellationToken Closing => closing;

    /// <summary>Gives the machine an input; waits while the node's inbox is full.</summary>
    public ValueTask PostAsync(PastInput input, CancellationToken cancellationToken) => node.PostAsync(input, cancellationToken);

    /// <inheritdoc cref="PostAsync(PastInput, CancellationToken)"/>
    public ValueTask PostAsync(PastInput input) => PostAsync(input, closing);

    /// <summary>Has the machine forget an operation for which nobody waits any more.</summary>
    public async ValueTask CancelAsync(ulong operation)
    {
        try
        {
            await PostAsync(new CancelOperation(operation)).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsStopping(exception))
        {
            // The machine stops, too.
        }
    }

    public ValueTask<TransportStream> OpenStreamAsync(NodeHandle to, CancellationToken cancellationToken) => node.OpenStreamAsync(to, cancellationToken);

    public SignedStatement Sign(string purpose, ReadOnlySpan<byte> body) => node.Sign(purpose, body);

    public void FillRandom(Span<byte> bytes) => node.FillRandom(bytes);

    public void Start(Func<Task> work) => node.Start(work);

    /// <summary>Lets users go on who wait; what they do then is their own work, which nobody here waits for.</summary>
    public void Complete(Action completion) => node.Start(() =>
    {
        completion();
        return Task.CompletedTask;
    });

    /// <summary>Tells whether an exception is how work ends when the node stops.</summary>
    public static bool IsStopping(Exception exception) =>
        exception is OperationCanceledException or ObjectDisposedException or (PastryException and not TransportException);
}
