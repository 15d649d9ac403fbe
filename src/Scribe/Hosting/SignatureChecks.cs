using System.Collections.Concurrent;
using System.Diagnostics;
using P2P.Pastry;
using P2P.Scribe.Protocol;
using P2P.Scribe.Wire;

namespace P2P.Scribe;

/// <summary>Verifies signatures beside the node's loop, as many at a time as there are processors.</summary>
/// <param name="port">The node.</param>
/// <param name="known">Knows what others of this process have verified; null where nobody is believed.</param>
internal sealed class SignatureChecks(INodePort port, KnownBatches? known)
{
    private static readonly int WorkersMax = Environment.ProcessorCount;

    private readonly ConcurrentQueue<Verify> _waiting = new();
    private int _workers;

    public void Add(Verify check)
    {
        _waiting.Enqueue(check);
        if (Interlocked.Increment(ref _workers) <= WorkersMax)
        {
            port.Start(WorkAsync);
        }
        else
        {
            Interlocked.Decrement(ref _workers);
        }
    }

    private async Task WorkAsync()
    {
        do
        {
            while (_waiting.TryDequeue(out var check))
            {
                try
                {
                    await port.PostAsync(OutcomeOf(check), port.Stopping).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is OperationCanceledException or PastryException)
                {
                    return;
                }
            }

            // Who adds one now either sees this worker gone, or is seen by it.
            Interlocked.Decrement(ref _workers);
        }
        while (!_waiting.IsEmpty && Interlocked.Increment(ref _workers) <= WorkersMax);
    }

    private Verified OutcomeOf(Verify check) => check.Statement switch
    {
        SignedBatch batch => new(check.Ticket, known?.Verify(batch) ?? batch.Verify()) { Clock = (uint)port.Time.GetUtcNow().ToUnixTimeSeconds() },
        GroupCertificate certificate => new(check.Ticket, certificate.Verify()),
        GroupCapability capability => new(check.Ticket, capability.Verify(), capability.ExpiresAt - port.Time.GetUtcNow()),
        var other => throw new UnreachableException($"Nobody signs a {other.GetType()}."),
    };
}
