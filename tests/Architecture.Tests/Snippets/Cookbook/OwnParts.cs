using Microsoft.Extensions.DependencyInjection;
using P2P.YouServ;

namespace Architecture.Tests.Snippets.Cookbook;

internal static class OwnParts
{
    public static void Add(IServiceCollection services, IReadOnlyDictionary<string, StaffList.Person> people)
    {
        // snippet: register-authenticator
        services.AddSingleton<IAuthenticator>(new StaffList(people));
        // end of snippet

        // snippet: register-extractor
        services.AddYouSearch(options => options.Extractors.Insert(0, new SubtitleReader()));
        // end of snippet
    }
}
