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

    private readonly Lock _gate = new();
    private readonly Queue<Verify> _waiting = new();
    private int _workers;

    public void Add(Verify check)
    {
        lock (_gate)
        {
            _waiting.Enqueue(check);
            if (_workers == WorkersMax)
            {
                return;
            }

            _workers++;
        }

        port.Start(WorkAsync);
    }

    private async Task WorkAsync()
    {
        while (TakeOrLeave() is { } check)
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
    }

    /// <summary>Gives a worker what waits. Where nothing does, it is none any more, at the same moment: whoever adds a check starts another.</summary>
    private Verify? TakeOrLeave()
    {
        lock (_gate)
        {
            if (_waiting.TryDequeue(out var check))
            {
                return check;
            }

            _workers--;
            return null;
        }
    }

    private Verified OutcomeOf(Verify check) => check.Statement switch
    {
        SignedBatch batch => new(check.Ticket, known?.Verify(batch) ?? batch.Verify()) { Clock = (uint)port.Time.GetUtcNow().ToUnixTimeSeconds() },
        GroupCertificate certificate => new(check.Ticket, certificate.Verify()),
        GroupCapability capability => new(check.Ticket, capability.Verify(), capability.ExpiresAt - port.Time.GetUtcNow()),
        var other => throw new UnreachableException($"Nobody signs a {other.GetType()}."),
    };
}
