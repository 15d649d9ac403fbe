using System.Data.Common;
using Microsoft.Extensions.Logging;
using P2P.YouSearch.Hosting;
using P2P.YouSearch.Protocol;
using P2P.YouServ;

namespace P2P.YouSearch;

public sealed partial class Registrar
{
    /// <summary>Who serves a site since a moment ago is not to be refused, nor called away, because the change was not read yet.</summary>
    private async ValueTask LearnPlaceAsync(Asker asker, SiteName site, CancellationToken cancellationToken)
    {
        if (asker.Site is { } own && (own == site || Locked(() => _machine.PlaceOf(site)?.Holder) != own)
            && await _places.FindAsync(site, cancellationToken).ConfigureAwait(false) is { } record && (own == site || record.Lease?.Holder == own))
        {
            Locate(_places.PlaceOf(record));
        }
    }

    /// <summary>Finds whose machine has the latest copy of each site and is served itself: it answers for the site, whether or not the name leads there already.</summary>
    private async ValueTask<RegistrarAnswer<IReadOnlyList<Candidate>>> FindCopiesAsync(IReadOnlyList<SiteName> sites, CancellationToken cancellationToken)
    {
        var copies = new List<Candidate>();
        foreach (var site in sites.Take(CopiesMax))
        {
            var holders = await _places.FindHoldersAsync(site, cancellationToken).ConfigureAwait(false);
            var machine = Locked(() => holders.Select(holder => _machine.PlaceOf(holder)).FirstOrDefault(place => place is { Holder: null, Named.Url: not null })?.Named);
            if (machine is { Url: { } url })
            {
                copies.Add(new() { Site = site, Url = new UriBuilder(url) { Host = _places.HostOf(site) }.Uri, Addresses = machine.Addresses, IsCopy = true });
            }
        }

        return new RegistrarAnswer<IReadOnlyList<Candidate>>(copies, null);
    }

    /// <summary>Learns where sites are, unless that was just done; where the store is away, what is known has to do.</summary>
    /// <returns>Whether something new may be known.</returns>
    private async ValueTask<bool> FollowPlacesAsync(CancellationToken cancellationToken)
    {
        var last = Volatile.Read(ref _followedAt);
        if ((last != 0 && _clock.GetElapsedTime(last) < FollowInterval) || Interlocked.CompareExchange(ref _followedAt, _clock.GetTimestamp(), last) != last)
        {
            return false;
        }

        try
        {
            await _places.FollowAsync(Locate, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (DbException)
        {
            return false;
        }
    }

    /// <summary>Brings a registration to the vectors. Nobody's impatience stops it half way.</summary>
    private async ValueTask<RegistrarAnswer<RegistrationResult>> CarryOutAsync(RegisteredSite site, Asker asker, RegistrationMessage message)
    {
        var output = new RegistrarOutbox();
        try
        {
            var publicOutcome = await BringAsync(SummaryScope.Public, site, message.Public).ConfigureAwait(false);
            var membersOutcome = await BringAsync(SummaryScope.Members, site, message.Members).ConfigureAwait(false);
            var (isKnown, refusal) = Locked(() => _machine.Complete(site, asker, message, publicOutcome, membersOutcome, Now, output));
            return refusal is null ? Result(isKnown) : refusal;
        }
        catch
        {
            lock (_gate)
            {
                _machine.Abandon(site, output);
            }

            throw;
        }
        finally
        {
            await RemoveAsync(output).ConfigureAwait(false);
        }
    }

    private async ValueTask<VectorOutcome> BringAsync(SummaryScope scope, RegisteredSite site, SummaryNews news)
    {
        switch (news)
        {
            case SummaryNews.Whole whole:
                return await _vectors.SetAsync(scope, site.Number, whole.Filter).ConfigureAwait(false);
            case SummaryNews.Changes changes:
                return await _vectors.ChangeAsync(scope, site.Number, changes).ConfigureAwait(false);
            case SummaryNews.AsItWas:
                return _vectors.IsLacking(scope, site.Number) ? VectorOutcome.Lacking : VectorOutcome.Done;
            default:
                if (site.Of(scope) is { Fingerprint: not null } or { IsUncertain: true })
                {
                    await _vectors.RemoveAsync(scope, site.Number).ConfigureAwait(false);
                }

                return VectorOutcome.Done;
        }
    }

    private async ValueTask RemoveAsync(RegistrarOutbox output)
    {
        foreach (var number in output.Forgotten)
        {
            await _vectors.RemoveAsync(SummaryScope.Public, number).ConfigureAwait(false);
            await _vectors.RemoveAsync(SummaryScope.Members, number).ConfigureAwait(false);
            lock (_gate)
            {
                _machine.Free(number);
            }
        }
    }

    private void BeginProbes(RegistrarOutbox output)
    {
        lock (_gate)
        {
            _probes.RemoveAll(probe => probe.IsCompleted);
            _probes.AddRange(output.Probes.Select(site => Task.Run(() => ProbeAsync(site), CancellationToken.None)));
        }
    }

    private async Task ProbeAsync(SiteName site)
    {
        var place = Locked(() => _machine.PlaceOf(site));
        var isAlive = true;
        try
        {
            isAlive = await IsReachedAsync(site, _stop.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever store or probe throw, nothing was found out of the site.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogProbeFailure(site, failure);
        }

        lock (_gate)
        {
            _machine.Probed(site, place?.LeaseId, isAlive);
        }

        _metrics.Probed(isAlive);
        if (!isAlive)
        {
            LogDead(site);
        }
    }

    private async ValueTask<bool> IsReachedAsync(SiteName site, CancellationToken cancellationToken)
    {
        if (await _places.FindAsync(site, cancellationToken).ConfigureAwait(false) is not { Lease: { } lease })
        {
            return false;
        }

        foreach (var address in lease.Addresses)
        {
            if (await _probe.IsReachableAsync(_places.HostOf(site), address, lease.Port, lease.IsSecure, lease.TokenHash, cancellationToken).ConfigureAwait(false))
            {
                return true;
            }
        }

        return false;
    }

    private async Task LookAgainAndAgainAsync()
    {
        using var timer = new PeriodicTimer(LookInterval, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                try
                {
                    await LookAsync(_stop.Token).ConfigureAwait(false);
                    Interlocked.Exchange(ref _looked, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
                }
#pragma warning disable CA1031 // Whatever the store throws, the registrar goes on when it works again.
                catch (Exception failure) when (!_stop.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    LogFailure(failure);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        var output = new RegistrarOutbox();
        lock (_gate)
        {
            _machine.Expire(Now, output);
        }

        BeginProbes(output);
        await RemoveAsync(output).ConfigureAwait(false);
        await _vectors.CheckAsync(cancellationToken).ConfigureAwait(false);
        await _places.FollowAsync(Locate, cancellationToken).ConfigureAwait(false);
    }

    [LoggerMessage(6000, LogLevel.Information, "{Site} is named no more until it registers: it was said to be silent, and does not answer.")]
    private partial void LogDead(SiteName site);

    [LoggerMessage(6001, LogLevel.Error, "Whether {Site} answers could not be found out.")]
    private partial void LogProbeFailure(SiteName site, Exception failure);

    [LoggerMessage(6002, LogLevel.Error, "The registrar does not learn where sites are, until this works again.")]
    private partial void LogFailure(Exception failure);
}
