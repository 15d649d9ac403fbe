using System.IO.Pipelines;
using P2P.Pastry.Transport;
using P2P.Pastry.Transport.Framing;

namespace P2P.Pastry.Simulation;

/// <summary>
/// Opens a stream between modules of two simulated nodes, which takes a round trip. Whoever waits at an end for bytes or for room goes on after
/// the delay of the network between them; the width of the network is not simulated.
/// </summary>
internal sealed class SimulatedStreamOpening(PastrySimulation simulation, SimulatedShell opener, NodeHandle to, PastryApplicationId application)
{
    /// <summary>How long it takes until nobody is believed to answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How often an end whose network is cut looks whether it is mended.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource<TransportStream> _opened = new();
    private bool _isGivenUp;

    public Task<TransportStream> Opened => _opened.Task;

    public void Start()
    {
        if (simulation.Find(to.Id) is not { } target)
        {
            Fail(TimeSpan.Zero, PeerDownReason.Unreachable, "Nobody has its address.");
            return;
        }

        var delay = simulation.Network.Topology.Delay(opener.Node.Host, target.Host);
        simulation.StartWork(delay, () => Arrive(target, delay));
    }

    public void GiveUp()
    {
        _isGivenUp = true;
        if (_opened.Task.IsCompletedSuccessfully)
        {
            _ = _opened.Task.Result.DisposeAsync().AsTask();
        }
    }

    private void Arrive(SimulatedNode target, TimeSpan delay)
    {
        if (target.IsAsleep || IsCut(target))
        {
            Fail(Patience, PeerDownReason.Unreachable, "Its host does not answer.");
            return;
        }

        if (!target.IsUp || target.Handle.Incarnation != to.Incarnation || target.Shell is not { } acceptor)
        {
            Fail(delay, PeerDownReason.Refused, "No such node runs there.");
            return;
        }

        var pair = new StreamPair(opener.Handle, acceptor.Handle, new Scheduler(this, target, delay));
        opener.Keep(pair);
        pair.Closed = closed =>
        {
            opener.Forget(closed);
            acceptor.Forget(closed);
        };
        if (!acceptor.TryAccept(pair, application))
        {
            pair.Cut();
        }

        simulation.StartWork(delay, () =>
        {
            if (!opener.IsAlive || _isGivenUp)
            {
                pair.Cut();
                _opened.TrySetException(SimulatedShell.Stopped());
                return;
            }

            _opened.TrySetResult(pair.Opened);
        });
    }

    private void Fail(TimeSpan after, PeerDownReason reason, string why) => simulation.StartWork(after, () =>
    {
        _opened.TrySetException(new TransportException(reason, $"{to} can't be reached. {why}"));

        // Who gave up does not look.
        _ = _opened.Task.Exception;
    });

    private bool IsCut(SimulatedNode target) =>
        simulation.Network.IsCut(opener.Node.Host, target.Host) || simulation.Network.IsCut(target.Host, opener.Node.Host);

    /// <summary>Lets an end of the stream go on in an event of its own.</summary>
    private sealed class Scheduler(SimulatedStreamOpening stream, SimulatedNode target, TimeSpan delay) : PipeScheduler
    {
        public override void Schedule(Action<object?> action, object? state) => After(delay, action, state);

        private void After(TimeSpan span, Action<object?> action, object? state) => stream.Simulation.StartWork(span, () =>
        {
            if (stream.IsCut(target))
            {
                After(Retry, action, state);
                return;
            }

            action(state);
        });
    }

    private PastrySimulation Simulation => simulation;
}
