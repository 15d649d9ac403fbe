using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace P2P.YouServ.Hosting;

/// <summary>Lets a web server's HTTPS endpoints show a certificate that comes, and changes, while the server runs.</summary>
internal static class HttpsByItself
{
    /// <param name="services">The container.</param>
    /// <param name="hasOwn">Whether the application has seen to certificates itself.</param>
    /// <param name="find">Gives the certificate of the moment; null ends the handshake.</param>
    public static void Add(IServiceCollection services, Func<IServiceProvider, bool> hasOwn, Func<IServiceProvider, X509Certificate2?> find) =>
        // Before all else that sets the server up: an endpoint takes the defaults that it finds.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<KestrelServerOptions>>(provider => new ConfigureOptions<KestrelServerOptions>(server =>
        {
            if (!hasOwn(provider))
            {
                server.ConfigureHttpsDefaults(https => https.ServerCertificateSelector = (_, _) => find(provider));
            }
        })));
}
