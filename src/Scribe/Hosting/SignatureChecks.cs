using System.Collections.Concurrent;
using P2P.Pastry;
using P2P.Scribe.Protocol;
using P2P.Scribe.Wire;

namespace P2P.Scribe;

/// <summary>Verifies signatures beside the node's loop, as many at a time as there are processors.</summary>
internal sealed class SignatureChecks(INodePort port)
{
    private static readonly int WorkersMax = Environment.ProcessorCount;

    private const int RememberedMax = 4096;

    private readonly ConcurrentDictionary<GroupCapability, bool> _signed = new();
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
                    await port.PostAsync(new Verified(check.Ticket, IsRight(check)), port.Stopping).ConfigureAwait(false);
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

    private bool IsRight(Verify check) => check.Statement switch
    {
        SignedBatch batch => batch.Verify(),
        GroupCertificate certificate => certificate.Verify(),
        GroupCapability capability => (check.Age == Verify.Whenever || capability.ExpiresAt >= port.Time.GetUtcNow() - check.Age) && IsSigned(capability),
        _ => false,
    };

    /// <summary>Verifies a capability once: each batch of its holder carries it.</summary>
    private bool IsSigned(GroupCapability capability)
    {
        if (_signed.ContainsKey(capability))
        {
            return true;
        }

        if (!capability.Verify())
        {
            return false;
        }

        if (_signed.Count >= RememberedMax)
        {
            _signed.Clear();
        }

        _signed[capability] = true;
        return true;
    }
}
