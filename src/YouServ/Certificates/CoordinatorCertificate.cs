using System.Security.Cryptography.X509Certificates;

namespace P2P.YouServ.Certificates;

/// <summary>Is the certificate that a coordinator issues to itself, anew when a third of its life is left. The key lives in memory only.</summary>
internal sealed class CoordinatorCertificate(YouServCoordinator coordinator)
{
    private readonly Lock _gate = new();
    private X509Certificate2? _current;

    public X509Certificate2 Current
    {
        get
        {
            lock (_gate)
            {
                if (_current is null || ServerCertificate.IsOld(_current, coordinator.Clock.GetUtcNow()))
                {
                    _current = coordinator.IssueOwnCertificate();
                }

                return _current;
            }
        }
    }
}
