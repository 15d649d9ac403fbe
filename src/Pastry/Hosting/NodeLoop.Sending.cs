using P2P.Pastry.Protocol;
using P2P.Pastry.Transport;
using P2P.Pastry.Wire;

namespace P2P.Pastry;

/// <summary>The side of the loop that hands messages to the transport, and tells the machine of those that it did not take.</summary>
internal sealed partial class NodeLoop
{
    /// <summary>The object that lies encoded in the scratch buffer, and whose message it is; content of messages never changes.</summary>
    private PayloadContent? _encoded;
    private PastryApplicationId _encodedFor;

    private void SendMessages()
    {
        foreach (ref readonly var outgoing in _outbox.Messages)
        {
            var status = Send(outgoing);
            if (status == SendStatus.Accepted)
            {
                continue;
            }

            if (outgoing.Message.Kind == MessageKind.Direct && _notSent.Count < NotSentMax)
            {
                _notSent.Enqueue(new NotSent(outgoing.To, outgoing.Message with { Payload = outgoing.Message.Payload.Keep() }, status));
            }

            if (status == SendStatus.Unreachable)
            {
                if (!_unreachable.Contains(outgoing.To))
                {
                    _unreachable.Add(outgoing.To);
                }
            }
            else if (outgoing.Message.IsRouted)
            {
                _machine.NotSent(outgoing.Message.Sequence);
            }
        }
    }

    /// <returns>What became of the message; one that can't be sent at all has been dropped.</returns>
    private SendStatus Send(in Outgoing outgoing)
    {
        var message = _telemetry.Stamp(outgoing.Message);
        try
        {
            if (!IsEncoded(message))
            {
                _scratch.ResetWrittenCount();
                _encoded = null;
                MessageFormat.Write(_scratch, message);
                _encoded = message.Kind == MessageKind.Direct && message.Extension is null ? message.Payload.Content : null;
                _encodedFor = message.Application;
            }

            if (_scratch.WrittenCount > MessageBatch.MessageLengthMax
                || (message.IsOfApplication && MessageFormat.PayloadLengthOf(_scratch.WrittenSpan) > Payload.LengthMax))
            {
                LogMessageTooLong(message.Kind, _scratch.WrittenCount);
                return SendStatus.Dropped;
            }

            return _transport.Send(_local, outgoing.To, _scratch.WrittenSpan, message.IsOfApplication ? MessagePriority.Normal : MessagePriority.Urgent);
        }
        catch (Exception exception)
        {
            // Applications encode their payloads, and anybody writes transports: one message is lost, as any may be.
            LogSendFailed(exception, message.Kind, outgoing.To);
            return SendStatus.Dropped;
        }
    }

    /// <summary>Tells whether the message is the last one once more, for another node: what is said to many is encoded once.</summary>
    private bool IsEncoded(in Message message) =>
        _encoded is not null && ReferenceEquals(message.Payload.Content, _encoded) && message.Kind == MessageKind.Direct && message.Extension is null
        && message.Application == _encodedFor;

    /// <summary>Tells the machine at once of a peer that the transport will not even try to reach now, so that it goes around it.</summary>
    /// <returns>True where there is something new to carry out.</returns>
    private bool ReportUnreachable()
    {
        while (_unreachable.Count > 0)
        {
            var peer = _unreachable[^1];
            _unreachable.RemoveAt(_unreachable.Count - 1);
            if (!_machine.IsSuspected(peer))
            {
                _machine.PeerDown(peer, Now, _outbox);
                return true;
            }
        }

        return false;
    }

    /// <summary>Tells the machine of a direct message that was not sent; applications decide what to do instead.</summary>
    /// <returns>True where there is something new to carry out.</returns>
    private bool ReportNotSent()
    {
        if (!_notSent.TryDequeue(out var lost))
        {
            return false;
        }

        _machine.NotSent(lost.To, lost.Message, lost.Status, Now, _outbox);
        return true;
    }

    private readonly record struct NotSent(NodeHandle To, Message Message, SendStatus Status);
}
