using P2P.YouServ;

namespace P2P.YouSearch.Hosting;

/// <summary>Is the registrar of this very process, asked on behalf of one user.</summary>
internal sealed class AskedRegistrar(Registrar registrar, Visitor visitor, SiteName site) : IRegistrar
{
    public ValueTask<RegistrationResult> RegisterAsync(SiteRegistration registration, CancellationToken cancellationToken) => registrar.RegisterAsync(visitor, site, registration, cancellationToken);

    public ValueTask<CandidateList> FindAsync(CandidateQuery query, CancellationToken cancellationToken) => registrar.FindAsync(visitor, site, query, cancellationToken);

    public ValueTask<IReadOnlyList<Candidate>> ReportSilentAsync(IReadOnlyList<SiteName> sites, CancellationToken cancellationToken) => registrar.ReportSilentAsync(visitor, site, sites, cancellationToken);

    public ValueTask OfferCachedAsync(string key, long sequence, CancellationToken cancellationToken)
    {
        registrar.OfferCached(visitor, site, key, sequence);
        return default;
    }
}
