using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Brings together what a network has cut apart. A node asks now and then after one of those it has lost; one answer is enough, since it
/// names others, who are probed and answer with others again. A node that has lost everybody asks after all of them, and joins anew.
/// </summary>
/// <remarks>
/// Who has lost everybody can't tell whether the others died or it was cut off. A node that came through bootstraps then serves nobody
/// until it has met another one; only the founder of a ring goes on alone, unless the options say otherwise.
/// </remarks>
internal sealed class Reunion(NodeState state, JoinOperation join)
{
    private Deadline _next = new(TimerKind.Reunion);

    /// <summary>Remembers a node that was found dead.</summary>
    public void Lost(NodeHandle node)
    {
        state.LostPeers.Add(node, state.Now);
        _next.Arm(state.Now + state.Random.Jitter(state.Options.LeafSetExchangeInterval, spread: 0.5), state.Output);
    }

    /// <summary>Begins when the last member of the leaf set was found dead.</summary>
    public void LostAll()
    {
        state.IsIsolated = !(state.Options.StandsAlone ?? join.BootstrapCount == 0);
        join.StartAgain();
        AskAll();
    }

    /// <summary>Ends when a node has been met.</summary>
    public void Met()
    {
        state.IsIsolated = false;
        if (state.IsJoined)
        {
            join.StopAgain();
        }
    }

    public void Expire(TimerKey timer)
    {
        if (!_next.TryTake(timer) || state.HasLeft)
        {
            return;
        }

        state.LostPeers.Expire(state.Now);
        if (state.LostPeers.Count == 0)
        {
            return;
        }

        if (state.LeafSet.Left is null)
        {
            AskAll();
        }
        else
        {
            Ask(state.LostPeers[state.Random.Next(state.LostPeers.Count)]);
            _next.Arm(state.Now + state.Random.Jitter(state.Options.LeafSetExchangeInterval, spread: 0.5), state.Output);
        }
    }

    private void AskAll()
    {
        for (var i = 0; i < state.LostPeers.Count; i++)
        {
            Ask(state.LostPeers[i]);
        }

        _next.Arm(state.Now + state.Random.Jitter(state.Options.HeartbeatInterval, spread: 0.5), state.Output);
    }

    // Nobody waits for the answer: silence is what is expected of them.
    private void Ask(NodeHandle node) => state.Send(node, MessageKind.LeafSetProbe, sequence: 0, state.DescribeLeafSet());
}
