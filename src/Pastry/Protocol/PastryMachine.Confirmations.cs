using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>The side of the machine that has messages confirmed end to end.</summary>
internal sealed partial class PastryMachine
{
    private readonly Unconfirmed _unconfirmed;
    private readonly List<ulong> _givenUp = [];

    public void Confirm(NodeHandle origin, ulong number)
    {
        if (origin.Id == Self.Id)
        {
            Confirmed(number, Self);
        }
        else
        {
            _state.Send(origin, MessageKind.Confirmation, sequence: 0, new ConfirmationBody(number));
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
            TellConfirmed(command.Application, number, by: null);
        }

        _state.Payloads.GiveBack(command.Payload);
    }

    private void Confirmed(ulong number, NodeHandle? by)
    {
        if (_unconfirmed.TryTake(number, out var application))
        {
            TellConfirmed(application, number, by);
        }
    }

    private void TellConfirmed(PastryApplicationId application, ulong number, NodeHandle? by)
    {
        if (!_applications.TryGetValue(application, out var overlay))
        {
            return;
        }

        try
        {
            overlay.Application.Confirmed(number, by, overlay);
        }
        catch (Exception exception)
        {
            ReportFailure(overlay.Application, exception);
        }
    }

    private void ExpireConfirmations(TimerKey timer)
    {
        if (_state.HasLeft)
        {
            return;
        }

        _unconfirmed.Expire(timer, _givenUp);
        foreach (var number in _givenUp)
        {
            Confirmed(number, by: null);
        }

        _givenUp.Clear();
    }
}
