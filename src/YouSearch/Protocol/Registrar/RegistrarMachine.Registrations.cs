using System.Diagnostics;

namespace P2P.YouSearch.Protocol;

internal sealed partial class RegistrarMachine
{
    /// <summary>Decides about a registration. What is taken is under way until <see cref="Complete"/> or <see cref="Abandon"/>; others of the same site are refused meanwhile.</summary>
    public Admission Admit(Asker asker, RegistrationMessage message, TimeSpan now)
    {
        if (asker.Site is not { } own || !asker.IsSignedIn)
        {
            return Refuse(RefusalKind.SignInFirst, "Sign in at the peer to register its site.");
        }

        var isOwner = own == message.Site;
        if (!isOwner && PlaceOf(message.Site)?.Holder != own)
        {
            return Refuse(RefusalKind.Forbidden, $"{message.Site} is registered by its owner, or by who stands in with a copy of it; not by {own}.");
        }

        var site = _sites.Find(message.Site);
        if (site is not null && (site.IsBusy || !site.TryTakeRegistration(settings.RegistrationInterval, settings.RegistrationBurst, now)))
        {
            return Refuse(RefusalKind.TooOften, $"{message.Site} registers more often than once in {settings.RegistrationInterval.TotalMilliseconds} ms.");
        }

        if (!isOwner && site is { IsOwners: true })
        {
            // The owner's words are the better ones: a copy may lack what is new.
            Revive(site, now);
            return Admission.Kept.Instance;
        }

        if ((FaultOf(message.Public) ?? FaultOf(message.Members)) is { } fault)
        {
            return Refuse(RefusalKind.Invalid, fault);
        }

        if (!Follows(site?.Public ?? default, message.Public) || !Follows(site?.Members ?? default, message.Members))
        {
            return Admission.Unknown.Instance;
        }

        if (site is null)
        {
            if (_sites.IsFull)
            {
                return Refuse(RefusalKind.Full, $"The registrar knows {settings.SitesMax} sites, and takes no more.");
            }

            site = _sites.Add(message.Site, PlaceOf(message.Site) ?? SitePlace.Unknown(message.Site));
            _sites.Prolong(site, now + settings.Lifetime);
        }

        site.IsBusy = true;
        return new Admission.Taken(site);
    }

    /// <summary>Brings a registration to its end, once its news have been brought to the vectors.</summary>
    /// <returns>Whether everything is known now; otherwise the summaries are wanted whole, or there is a refusal.</returns>
    public (bool IsKnown, Refusal? Refusal) Complete(
        RegisteredSite site, Asker asker, RegistrationMessage message, VectorOutcome publicOutcome, VectorOutcome membersOutcome, TimeSpan now, RegistrarOutbox output)
    {
        Debug.Assert(site.IsBusy, "Only what is under way comes to its end.");
        site.IsBusy = false;
        var hasChanged = Note(site, SummaryScope.Public, message.Public, publicOutcome) | Note(site, SummaryScope.Members, message.Members, membersOutcome);
        if (publicOutcome == VectorOutcome.Done && membersOutcome == VectorOutcome.Done)
        {
            var isOwner = asker.Site == site.Name;
            var groups = isOwner ? asker.Groups : new HashSet<string>();
            if (hasChanged || site.IsNew || site.Generation != message.Generation || !site.Groups.SetEquals(groups))
            {
                site.ChangedAt = ++Sequence;
            }

            site.IsNew = false;
            site.IsOwners = isOwner;
            site.Generation = message.Generation;
            _sites.SetGroups(site, groups);
            Revive(site, now);
            return (true, null);
        }

        if (hasChanged)
        {
            site.ChangedAt = ++Sequence;
        }

        if (site.IsNew)
        {
            Forget(site, output);
        }

        return publicOutcome == VectorOutcome.Full || membersOutcome == VectorOutcome.Full
            ? (false, new(RefusalKind.Full, $"The registrar has no memory for the summaries of {site.Name}."))
            : (false, null);
    }

    /// <summary>Gives up a registration of which it is not known what has become of it.</summary>
    public void Abandon(RegisteredSite site, RegistrarOutbox output)
    {
        site.IsBusy = false;
        site.ChangedAt = ++Sequence;
        site.Public = site.Public with { Fingerprint = null, IsUncertain = true };
        site.Members = site.Members with { Fingerprint = null, IsUncertain = true };
        if (site.IsNew)
        {
            Forget(site, output);
        }
    }

    private static Admission.Refused Refuse(RefusalKind kind, string reason) => new(new Refusal(kind, reason));

    private static string? FaultOf(SummaryNews news) => news is SummaryNews.Whole { Filter: var filter } ? SummaryFilter.FaultOf(filter) : null;

    /// <summary>Tells whether news say enough to whom knows so much.</summary>
    private bool Follows(SummaryKnowledge known, SummaryNews news) => news switch
    {
        SummaryNews.AsItWas same => known.Fingerprint == same.Fingerprint,

        // Of changes it is not seen which of them matter: where they could have set too many bits, the whole tells.
        SummaryNews.Changes changes => known.Fingerprint == changes.Base && changes.Parts.Count == settings.Parts && known.HasRoomFor(changes.Count),
        _ => true,
    };

    private void Revive(RegisteredSite site, TimeSpan now)
    {
        // What a look that is under way finds was so before.
        site.IsProbed = false;
        if (site.IsDead)
        {
            // Answers that were gathered while it was not named have nothing of it.
            site.IsDead = false;
            site.ChangedAt = ++Sequence;
        }

        _sites.Prolong(site, now + settings.Lifetime);
    }

    /// <summary>Notes what the vectors have now.</summary>
    /// <returns>Whether the summary is another than before.</returns>
    private static bool Note(RegisteredSite site, SummaryScope scope, SummaryNews news, VectorOutcome outcome)
    {
        var before = site.Of(scope);
        var after = outcome switch
        {
            VectorOutcome.Done => before.After(news),
            VectorOutcome.Lacking => before with { Fingerprint = null, IsUncertain = true },
            _ => before,
        };
        site.Know(scope, after);
        return after.Fingerprint != before.Fingerprint || after.IsUncertain;
    }
}
