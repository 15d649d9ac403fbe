using System.Net.Sockets;
using System.Security.Cryptography;

namespace P2P.YouServ.Dns;

/// <summary>
/// Publishes into a zone of a server that the organisation has, such as BIND or Knot, by dynamic updates (RFC 2136) that are signed (RFC 8945). A success counts only if the
/// server has signed it.
/// </summary>
/// <remarks>
/// An update is sent once as a datagram, if it fits, and then over connections. It is never sent twice as a datagram: one that comes late would undo what was published since. A server
/// keeps names that have a CNAME from getting other records, and others from getting one, without saying so (RFC 2136 §3.4.2.2); remove the one in the same call. For any number of callers at once.
/// </remarks>
public sealed class UpdatePublisher : IDnsPublisher, IDisposable
{
    private const int StreamAttempts = 2;

    private readonly UpdatePublisherOptions _options;
    private readonly SemaphoreSlim _places;

    /// <summary>Makes a publisher. Nothing is sent before something is published.</summary>
    /// <param name="options">How it is set up; copied.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public UpdatePublisher(UpdatePublisherOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Validated();
        _places = new SemaphoreSlim(_options.ConcurrentUpdatesMax);
    }

    /// <inheritdoc/>
    /// <exception cref="DnsUpdateException">The server did not make the update; says why.</exception>
    public async ValueTask PublishAsync(IReadOnlyList<DnsRecordSet> changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var checkedChanges = changes.Select(set => ZoneChange.Of(set, _options.Zone, _options.DefaultTimeToLive)).ToArray();
        if (checkedChanges.Length == 0)
        {
            return;
        }

        var id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
        var message = UpdateMessage.Write(id, _options.Zone, checkedChanges);
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await AskAsync(id, message, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private async Task AskAsync(ushort id, byte[] message, CancellationToken cancellationToken)
    {
        var (signed, mac) = Tsig.Sign(message, _options.Key, _options.Time.GetUtcNow());
        var exchange = new UpdateExchange(_options.Server, signed, bytes => UpdateAnswer.Read(bytes.Span, id, _options.Key, mac, _options.Time.GetUtcNow()));
        Exception? cause = null;
        for (var attempt = signed.Length <= DnsFormat.DatagramMax ? 0 : 1; attempt <= StreamAttempts; attempt++)
        {
            using var timeout = new CancellationTokenSource(_options.AnswerTimeout, _options.Time);
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
            try
            {
                var answer = await (attempt == 0 ? exchange.AskByDatagramAsync(deadline.Token) : exchange.AskOverStreamAsync(deadline.Token)).ConfigureAwait(false);

                // Anybody can send a datagram that says no; over a connection it is the server's, or of somebody who could cut the wire as well.
                if (answer is { IsSigned: true } || (answer is not null && attempt > 0))
                {
                    Judge(answer);
                    return;
                }
            }
            catch (Exception exception) when (exception is SocketException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                cause = exception;
            }
        }

        throw new DnsUpdateException(DnsUpdateFailure.NoAnswer, $"{_options.Server} gave no answer to an update of {_options.Zone} that counts, neither by datagram nor over connections. The update may have been made; publish again.", cause);
    }

    /// <exception cref="DnsUpdateException">The server did not make the update.</exception>
    private void Judge(UpdateAnswer answer)
    {
        var (server, zone, key) = (_options.Server, _options.Zone, _options.Key);
        DnsUpdateException? failure = ((ResponseCode)answer.Code, (SignatureError)(answer.Signature?.Error ?? 0)) switch
        {
            (ResponseCode.NoError, _) => null,
            (ResponseCode.NotAuthoritative, SignatureError.BadSignature) => new(DnsUpdateFailure.WrongSecret, $"{server} has another secret for the key {key}."),
            (ResponseCode.NotAuthoritative, SignatureError.BadKey) => new(DnsUpdateFailure.UnknownKey, $"{server} knows no key {key} for {zone}; name and algorithm must be the same there, and Knot says so of keys too that its access control does not let update."),
            (ResponseCode.NotAuthoritative, SignatureError.BadTime) => new(DnsUpdateFailure.ClocksDiffer, $"The clocks of {server} and of this machine differ by more than {Tsig.FudgeSeconds} s{TheirTime(answer)}. Set them right."),
            (ResponseCode.NotAuthoritative or ResponseCode.NotZone, _) => new(DnsUpdateFailure.NotAuthoritative, $"{server} is not the primary server of {zone} ({(ResponseCode)answer.Code})."),
            (ResponseCode.Refused, _) => new(DnsUpdateFailure.Refused, $"{server} does not let the key {key} change this in {zone}; see allow-update or update-policy there. BIND also refuses mail servers of the zone that have no address."),
            _ => new(DnsUpdateFailure.Failed, $"{server} did not update {zone}: response code {answer.Code} ({(ResponseCode)answer.Code}); its log may say more."),
        };
        if (failure is not null)
        {
            throw failure;
        }
    }

    private static string TheirTime(UpdateAnswer answer)
    {
        var seconds = answer is { IsSigned: true, Signature.Other: { Length: 6 } time } ? time.Aggregate(0L, (sum, value) => (sum << 8) | value) : long.MaxValue;
        return seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? $"; there it is {DateTimeOffset.FromUnixTimeSeconds(seconds):u}" : "";
    }
}
