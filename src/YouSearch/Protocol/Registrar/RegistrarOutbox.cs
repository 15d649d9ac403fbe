using P2P.YouServ;

namespace P2P.YouSearch.Protocol;

/// <summary>Collects what is to be done for a registrar.</summary>
internal sealed class RegistrarOutbox
{
    /// <summary>Numbers of sites whose vectors are to be removed, and which are to be freed then (<see cref="RegistrarMachine.Free"/>).</summary>
    public List<int> Forgotten { get; } = [];

    /// <summary>Sites that are to be looked for (<see cref="RegistrarMachine.Probed"/>).</summary>
    public List<SiteName> Probes { get; } = [];
}
