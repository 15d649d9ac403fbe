using P2P.YouSearch.Protocol;
using P2P.YouServ;

namespace P2P.YouSearch.Hosting;

/// <summary>Says of visitors what registrars need to know.</summary>
internal static class Askers
{
    /// <param name="visitor">Who asks.</param>
    /// <param name="site">The site of the peer that asks, which was proven as well.</param>
    public static Asker Of(Visitor visitor, SiteName? site)
    {
        if (visitor.User is not { } user)
        {
            return Asker.Anonymous;
        }

        var sorted = visitor.Groups.Order(StringComparer.Ordinal).ToArray();
        return new()
        {
            User = user,
            Site = site,
            Groups = sorted.Length > RegistrarBounds.GroupsMax ? sorted.Take(RegistrarBounds.GroupsMax).ToHashSet() : visitor.Groups,

            // Whoever keeps an answer shows each only what is the same for them: the registrar need not tell members apart.
            Rights = AnswerCache.Members,
        };
    }
}
