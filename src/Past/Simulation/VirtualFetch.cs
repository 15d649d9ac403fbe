using P2P.Pastry;

namespace P2P.Past.Simulation;

/// <summary>
/// Is the transfer of one file's content to a node, from the first source that gives it: the request takes the way there, the content its place
/// in the lines of both ends and the way back.
/// </summary>
/// <param name="receiver">Who fetches.</param>
/// <param name="certificate">The file.</param>
/// <param name="sources">Who may have it.</param>
/// <param name="ended">Is told who gave it; null where nobody did, in time.</param>
internal sealed class VirtualFetch(VirtualStore receiver, FileCertificate certificate, NodeHandle[] sources, Action<NodeHandle?> ended)
{
    private readonly VirtualArchive _archive = receiver.Archive;
    private Instant _deadline;
    private int _next;
    private bool _isOver;

    private PastOptions Protocol => _archive.Options.Past;

    private Instant Now => _archive.Overlay.Now;

    public void Begin()
    {
        _deadline = Now + TimeSpan.FromSeconds((double)certificate.ContentLength / Protocol.TransferRateMin) + 2 * Protocol.StallTimeout;
        if (receiver.Gives(certificate.FileId))
        {
            // An insert at this very node, or a replica that it holds itself.
            receiver.Later(TimeSpan.Zero, () => End(receiver.Node.Handle));
        }
        else
        {
            TryNext();
        }
    }

    /// <summary>Gives up, if it goes on still.</summary>
    public void Cancel() => End(null);

    private void End(NodeHandle? source)
    {
        if (!_isOver)
        {
            _isOver = true;
            ended(source);
        }
    }

    private void TryNext()
    {
        if (_isOver)
        {
            return;
        }

        if (_next == sources.Length || Now >= _deadline)
        {
            End(null);
            return;
        }

        var source = sources[_next++];
        if (source.Id == receiver.Node.Handle.Id)
        {
            TryNext();
        }
        else if (_archive.FindStore(source) is { } store)
        {
            receiver.Later(WayTo(store), () => Ask(source, store));
        }
        else
        {
            GiveUpOn(source, way: TimeSpan.Zero);
        }
    }

    private void Ask(NodeHandle source, VirtualStore store)
    {
        if (_isOver)
        {
            return;
        }

        if (!CanHear(store))
        {
            GiveUpOn(source, WayTo(store));
        }
        else if (store.Gives(certificate.FileId) && store.ServedCount < Protocol.ServedStreamsMax)
        {
            Move(source, store);
        }
        else if (!store.TryAwait(certificate.FileId, () => receiver.Later(TimeSpan.Zero, () => Ask(source, store))))
        {
            receiver.Later(WayTo(store), TryNext);
        }
    }

    private void Move(NodeHandle source, VirtualStore store)
    {
        store.ServedCount++;
        var passage = store.CarryTo(receiver, certificate.ContentLength);
        _archive.Overlay.Schedule(passage, () => store.ServedCount--);
        var arrival = passage + WayTo(store);
        if (Now + arrival > _deadline)
        {
            receiver.Later(_deadline - Now, () => End(null));
            return;
        }

        receiver.Later(arrival, () =>
        {
            if (CanHear(store))
            {
                End(source);
            }
            else
            {
                GiveUpOn(source, TimeSpan.Zero);
            }
        });
    }

    /// <summary>Goes to the next source when it shows that one gives nothing more: by its silence, or sooner where the network tells.</summary>
    private void GiveUpOn(NodeHandle source, TimeSpan way)
    {
        var isToldSoon = _archive.Options.Overlay.ReportsPeerDown && _archive.FindStore(source) is null;
        receiver.Later(isToldSoon ? way : Protocol.StallTimeout, TryNext);
    }

    private TimeSpan WayTo(VirtualStore store) => _archive.Overlay.Network.Topology.Delay(receiver.Node.Host, store.Node.Host);

    private bool CanHear(VirtualStore store)
    {
        var (here, there) = (receiver.Node.Host, store.Node.Host);
        var network = _archive.Overlay.Network;
        return store.IsAlive && !store.Node.IsAsleep && !network.IsCut(here, there) && !network.IsCut(there, here);
    }
}
