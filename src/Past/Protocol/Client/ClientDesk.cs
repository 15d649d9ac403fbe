using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>Is the side of a node that works for its own users: their inserts, lookups and reclaims under way, and who hears of which message.</summary>
internal sealed class ClientDesk(PastOptions options, CacheDesk? cache)
{
    private readonly Dictionary<ulong, InsertOperation> _inserts = [];
    private readonly Dictionary<ulong, LookupOperation> _lookups = [];
    private readonly Dictionary<ulong, ReclaimOperation> _reclaims = [];

    /// <summary>Takes a message that answers an operation.</summary>
    /// <returns>False where it answers none.</returns>
    public bool TryReceive(NodeHandle from, PastMessage message, IOverlay overlay)
    {
        switch (message)
        {
            case Invitation invitation when _inserts.TryGetValue(invitation.Operation, out var insert):
                insert.OnInvited(from, overlay);
                return true;
            case Invitation invitation when _lookups.TryGetValue(invitation.Operation, out var lookup):
                lookup.OnInvited(from, overlay);
                return true;
            case Invitation invitation when _reclaims.TryGetValue(invitation.Operation, out var reclaim):
                reclaim.OnInvited(from, overlay);
                return true;
            case InsertAccepted accepted when _inserts.TryGetValue(accepted.Operation, out var insert):
                insert.OnAccepted(from, accepted.Holders, overlay);
                EndIfDone(insert, overlay);
                return true;
            case StoreReply reply when _inserts.TryGetValue(reply.Operation, out var insert):
                insert.OnReply(from, reply, overlay);
                EndIfDone(insert, overlay);
                return true;
            case StoreProgress progress when _inserts.TryGetValue(progress.Operation, out var insert):
                insert.OnProgress(from, overlay);
                return true;
            case LookupFound found when _lookups.TryGetValue(found.Operation, out var lookup):
                lookup.OnFound(from, found, overlay);
                EndIfDone(lookup);
                return true;
            case LookupAbsent absent when _lookups.TryGetValue(absent.Operation, out var lookup):
                lookup.OnAbsent(from, absent.Candidates, overlay);
                EndIfDone(lookup);
                return true;
            case ReclaimReply reply when _reclaims.TryGetValue(reply.Operation, out var reclaim):
                reclaim.OnReply(from, reply, overlay);
                EndIfDone(reclaim, overlay);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Takes what a user wants, or the outcome of what an operation wanted.</summary>
    /// <returns>False where it belongs to no operation.</returns>
    public bool TryHandle(PastInput input, IOverlay overlay)
    {
        switch (input)
        {
            case StartInsert start:
                var insert = new InsertOperation(start.Operation, start.Certificate, start.Content, options);
                _inserts.Add(start.Operation, insert);
                insert.Start(overlay);
                return true;
            case StartLookup start:
                var lookup = new LookupOperation(start.Operation, start.FileId, options, start.Distrusted);
                _lookups.Add(start.Operation, lookup);
                lookup.Start(overlay);
                return true;
            case StartReclaim start:
                var reclaim = new ReclaimOperation(start.Operation, start.Certificate, options);
                _reclaims.Add(start.Operation, reclaim);
                cache?.Drop(start.Certificate.FileId, overlay);
                reclaim.Attempt(overlay);
                return true;
            case ReceiptChecked outcome when _inserts.TryGetValue(outcome.Operation, out var operation):
                operation.OnReceiptChecked(outcome.Holder, outcome.Receipt, outcome.Valid, overlay);
                EndIfDone(operation, overlay);
                return true;
            case LookupRejected rejected when _lookups.TryGetValue(rejected.Operation, out var operation):
                operation.OnRejected(rejected.Holder, rejected.WasChecked, overlay);
                EndIfDone(operation);
                return true;
            case ReclaimReceiptChecked outcome when _reclaims.TryGetValue(outcome.Operation, out var operation):
                operation.OnReceiptChecked(outcome.Holder, outcome.Receipt, outcome.Valid, overlay);
                EndIfDone(operation, overlay);
                return true;
            case CancelOperation cancel:
                Cancel(cancel.Operation, overlay);
                return true;
            default:
                return false;
        }
    }

    public void Expire(ulong token, IOverlay overlay)
    {
        var operation = token & TimerTokens.OperationMask;
        if (TimerTokens.IsInsert(token) && _inserts.TryGetValue(operation, out var insert))
        {
            insert.Expire(overlay);
            EndIfDone(insert, overlay);
        }
        else if (TimerTokens.IsLookup(token) && _lookups.TryGetValue(operation, out var lookup))
        {
            lookup.Expire(overlay);
            EndIfDone(lookup);
        }
        else if (TimerTokens.IsReclaim(token) && _reclaims.TryGetValue(operation, out var reclaim))
        {
            reclaim.Expire(overlay);
            EndIfDone(reclaim, overlay);
        }
    }

    private void Cancel(ulong operation, IOverlay overlay)
    {
        if (_inserts.TryGetValue(operation, out var insert))
        {
            insert.Cancel();
            EndIfDone(insert, overlay);
        }

        if (_reclaims.TryGetValue(operation, out var reclaim))
        {
            reclaim.Cancel();
            EndIfDone(reclaim, overlay);
        }

        _lookups.Remove(operation);
    }

    private void EndIfDone(InsertOperation insert, IOverlay overlay)
    {
        if (insert.Result is { } result && _inserts.Remove(insert.Id))
        {
            if (result is InsertResult.Stored)
            {
                cache?.Inserted(result.Certificate, insert.Content, overlay);
            }

            overlay.Perform(new InsertEnded(insert.Id, result));
        }
    }

    private void EndIfDone(ReclaimOperation reclaim, IOverlay overlay)
    {
        if (reclaim.Result is { } result && _reclaims.Remove(reclaim.Id))
        {
            overlay.Perform(new ReclaimEnded(reclaim.Id, result, [.. reclaim.Refusing]));
        }
    }

    private void EndIfDone(LookupOperation lookup)
    {
        if (lookup.HasEnded)
        {
            _lookups.Remove(lookup.Id);
        }
    }
}
