using P2P.YouServ.Protocol;

namespace P2P.YouServ.Http.Files;

/// <summary>Answers who may see what, by the rules of this moment. Called for each entry of a listing, so it neither waits nor blocks.</summary>
internal interface ISiteAccess
{
    /// <summary>Decides whether a visitor may read a path.</summary>
    AccessDecision Decide(Visitor visitor, SitePath path);

    /// <summary>Tells whether a visitor may read a folder or something beneath it.</summary>
    bool LeadsToGranted(Visitor visitor, SitePath folder);

    /// <summary>Tells whether everyone may read a path, so that shared caches and search engines may keep it.</summary>
    bool IsPublic(SitePath path);
}
