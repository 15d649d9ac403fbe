using P2P.YouServ;

namespace P2P.YouSearch;

/// <summary>
/// Knows which sites may have an answer, and nothing of what is in them: it holds their summaries. What it knows is soft: it forgets sites of which it hears nothing, and after a restart sites tell it again.
/// </summary>
public interface IRegistrar
{
    /// <summary>Tells it what a site's summaries are now, or that they are as they were. Who does not say so for a while is forgotten.</summary>
    /// <param name="registration">The site and its summaries.</param>
    /// <param name="cancellationToken">Stops waiting; the registrar may know nevertheless.</param>
    /// <exception cref="YouSearchException">The registrar refuses, or cannot be reached.</exception>
    ValueTask<RegistrationResult> RegisterAsync(SiteRegistration registration, CancellationToken cancellationToken = default);

    /// <summary>Asks which sites may have an answer.</summary>
    /// <param name="query">What is looked for.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="YouSearchException">The registrar refuses, or cannot be reached.</exception>
    ValueTask<CandidateList> FindAsync(CandidateQuery query, CancellationToken cancellationToken = default);

    /// <summary>Tells it which sites have not answered: it looks itself, and names those that are dead no more.</summary>
    /// <param name="sites">The sites.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Where copies of these sites can be asked meanwhile, at most one for each.</returns>
    ValueTask<IReadOnlyList<Candidate>> ReportSilentAsync(IReadOnlyList<SiteName> sites, CancellationToken cancellationToken = default);

    /// <summary>Offers to answer a query for others of the same rights, from what this peer has just gathered.</summary>
    /// <param name="key">The <see cref="CandidateQuery.Key"/>.</param>
    /// <param name="sequence">The <see cref="CandidateList.Sequence"/> of the list whose sites were asked.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask OfferCachedAsync(string key, long sequence, CancellationToken cancellationToken = default);
}
