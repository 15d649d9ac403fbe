using P2P.YouServ;
using P2P.YouServ.Http.Files;
using P2P.YouServ.Protocol;

namespace YouServ.Tests.Files;

/// <summary>Access by rules that a test may change; everyone reads everything to begin with.</summary>
internal sealed class RuledAccess : ISiteAccess
{
    public AccessRules Rules { get; set; } = new([new AccessRule { Path = SitePath.Root, Audience = Audience.Everyone }]);

    public AccessDecision Decide(Visitor visitor, SitePath path) => Rules.Decide(visitor, path);

    public bool LeadsToGranted(Visitor visitor, SitePath folder) => Rules.LeadsToGranted(visitor, folder);

    public bool IsPublic(SitePath path) => Rules.IsPublic(path);
}
