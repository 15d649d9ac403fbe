using Microsoft.Extensions.Options;
using P2P.YouServ;

namespace P2P.YouSearch.Hosting;

/// <summary>Leads from the coordinator's pages to the one on which people search.</summary>
internal sealed class SearchEntry : IPostConfigureOptions<CoordinatorOptions>
{
    public void PostConfigure(string? name, CoordinatorOptions options) => options.Entries.Add(new("Search everyone’s sites", "/search/", "q"));
}
