using System.Security.Cryptography;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using P2P.YouSearch.Http;

namespace P2P.YouSearch.Hosting;

/// <summary>Holds a vector as long as its process lives.</summary>
internal sealed class VectorService(IOptions<VectorOptions> options)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var settings = options.Value;
        settings.Validate();
        var holder = new VectorHolder(settings.Vector, settings.MemoryMax, () => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))));
        new VectorApi(holder, settings.Secret).Map(routes);
    }
}
