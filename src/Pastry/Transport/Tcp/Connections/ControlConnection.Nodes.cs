using System.Collections.Frozen;
using P2P.Pastry.Transport.Framing;

namespace P2P.Pastry.Transport.Tcp;

/// <content>Which nodes live at both ends, and what the hosts tell each other about them.</content>
internal sealed partial class ControlConnection
{
    private readonly Lock _announcing = new();
    private readonly Lock _proving = new();
    private readonly HashSet<int> _toldToLeave = [];
    private LocalNodes.Entry?[] _announced;
    private volatile FrozenSet<ushort> _leaving = [];
    private volatile FrozenDictionary<ushort, Delegation> _proven;

    /// <summary>The nodes that the other host has proven, by their index.</summary>
    public FrozenDictionary<ushort, Delegation> Proven => _proven;

    /// <summary>Tells whether the other host has said that a node is about to stop.</summary>
    public bool IsLeaving(ushort index) => _leaving.Contains(index);

    /// <summary>Tells the other host what changed since it was told last. Whoever changes the local nodes calls it, in any order.</summary>
    public void Announce()
    {
        lock (_announcing)
        {
            var (old, current) = (_announced, _host.Nodes.Entries);
            for (var index = 0; index < current.Length; index++)
            {
                var known = index < old.Length ? old[index] : null;
                if (known is not null && !known.Node.Handle.Equals(current[index]?.Node.Handle))
                {
                    _queue.AppendControl(new ControlMessage(ControlKind.NodeRemoved, (ushort)index).ToBytes());
                }

                if (current[index] is not { } present)
                {
                    continue;
                }

                if (!ReferenceEquals(known?.Statement, present.Statement))
                {
                    _queue.AppendControl(new ControlMessage(ControlKind.NodeAdded, (ushort)index, present.Statement, present.Certificate).ToBytes());
                }

                if (present.IsLeaving && Version >= VersionRange.TellsLeaving && _toldToLeave.Add(index))
                {
                    _queue.AppendControl(new ControlMessage(ControlKind.NodeLeaving, (ushort)index).ToBytes());
                }
            }

            _announced = current;
        }
    }

    /// <summary>Forgets the nodes whose delegation or admission ran out without being renewed; true if that was the last node.</summary>
    public bool ForgetExpired()
    {
        var now = _host.Time.GetUtcNow();
        var hasForgotten = false;
        foreach (var (index, delegation) in _proven)
        {
            if (delegation.IsExpired(now))
            {
                Forget(index);
                hasForgotten = true;
            }
        }

        return hasForgotten && _proven.Count == 0;
    }

    void IFrameSink.TakeControl(ReadOnlySpan<byte> message)
    {
        var control = ControlMessage.Read(message.ToArray());
        switch (control.Kind)
        {
            case ControlKind.NodeAdded:
                Learn(control.Index, control.Statement!, control.Certificate);
                break;
            case ControlKind.NodeRemoved:
                Forget(control.Index);
                break;
            case ControlKind.NodeLeaving when Version >= VersionRange.TellsLeaving:
                Leave(control.Index);
                break;
            case ControlKind.Farewell:
                _farewellReceived = true;
                _owner.FarewellReceived(this);
                break;
        }
    }

    private void Learn(ushort index, SignedStatement statement, SignedStatement? certificate)
    {
        Delegation delegation;
        try
        {
            delegation = _host.Verifier.Verify(statement, certificate, Host);
        }
        catch (HandshakeException exception)
        {
            throw new InvalidDataException(exception.Message, exception);
        }

        lock (_proving)
        {
            var nodes = _proven.ToDictionary();
            if (nodes.TryGetValue(index, out var old))
            {
                if (!old.Node.Equals(delegation.Node))
                {
                    throw new InvalidDataException($"The index {index} names a node already; it must be taken back before it names another.");
                }

                // The handle that is in use stays the same object.
                delegation = delegation with { Node = old.Node.HasAddressesOf(delegation.Node) ? old.Node : delegation.Node };
            }

            nodes[index] = delegation;
            if (index == FrameFormat.Host || nodes.Count > Hello.MaxNodes)
            {
                throw new InvalidDataException($"A host has at most {Hello.MaxNodes} nodes.");
            }

            _proven = nodes.ToFrozenDictionary();
        }

        _owner.NodeProven(this, index, delegation.Node);
    }

    /// <summary>Notes that a node is about to stop; of one that was not proven, nothing is noted.</summary>
    private void Leave(ushort index)
    {
        lock (_proving)
        {
            if (_proven.ContainsKey(index))
            {
                _leaving = [.. _leaving, index];
            }
        }
    }

    private void Forget(ushort index)
    {
        Delegation? gone;
        lock (_proving)
        {
            var nodes = _proven.ToDictionary();
            nodes.Remove(index, out gone);
            _proven = nodes.ToFrozenDictionary();
            _leaving = [.. _leaving.Where(leaving => leaving != index)];
        }

        if (gone is not null)
        {
            _owner.NodeGone(this, gone.Node);
        }
    }
}
