using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>The side of the machine that has messages confirmed end to end.</summary>
internal sealed partial class PastryMachine
{
    private readonly Unconfirmed _unconfirmed;
    private readonly List<(PastryApplicationId Application, ulong Number)> _givenUp = [];

    /// <summary>How many messages of this node await that somebody confirms them.</summary>
    public int UnconfirmedCount => _unconfirmed.Count;

    public void Confirm(NodeHandle origin, ulong number)
    {
        if (origin.Id == Self.Id)
        {
            Confirmed(number, Self);
        }
        else
        {
            _state.Send(AsKnown(origin), MessageKind.Confirmation, sequence: 0, new ConfirmationBody(number));
        }
    }

    private void RouteConfirmed(in Command command, ulong number)
    {
        var message = NewRouted(command.Application, command.Key!.Value, command.Payload, command.Options & ~RouteOptions.WithOrigin) with
        {
            Extension = HeaderExtension.OfNumber(number, Self, _state.Trace),
        };
        if (_state.HasLeft || !_unconfirmed.TryStart(message, number, command.To))
        {
            _state.Counters.NotStarted++;
            Tell(command.Application, number, new RouteOutcome.NotStarted());
        }

        _state.Payloads.GiveBack(command.Payload);
    }

    private void Confirmed(ulong number, NodeHandle by)
    {
        if (_unconfirmed.TryTake(number, out var application))
        {
            _state.Counters.Confirmed++;
            Tell(application, number, new RouteOutcome.Taken(by));
        }
    }

    private void ExpireConfirmations(TimerKey timer)
    {
        _unconfirmed.Expire(timer, _givenUp);
        TellGivenUp();
    }

    /// <summary>The node leaves: nobody's word will reach it.</summary>
    private void GiveUpConfirmations()
    {
        _unconfirmed.GiveUpAll(_givenUp);
        TellGivenUp();
    }

    private void TellGivenUp()
    {
        foreach (var (application, number) in _givenUp)
        {
            _state.Counters.Unconfirmed++;
            Tell(application, number, new RouteOutcome.Unconfirmed());
        }

        _givenUp.Clear();
    }

    private void Tell(PastryApplicationId application, ulong number, RouteOutcome outcome)
    {
        if (_applications.TryGetValue(application, out var overlay))
        {
            Call(
                overlay,
                (Id: new ConfirmationId(number), Outcome: outcome),
                static (application, message, overlay) => application.Confirmed(message.Id, message.Outcome, overlay));
        }
    }
}
