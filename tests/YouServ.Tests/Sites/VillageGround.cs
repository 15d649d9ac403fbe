using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using P2P.YouServ.Dns;

namespace YouServ.Tests.Sites;

/// <summary>Says where a village stands. Without more it is on loopback, on ports of the system's choice, and speaks plain HTTP.</summary>
internal sealed record VillageGround
{
    public string Zone { get; init; } = Village.Zone;

    /// <summary>Who is told of names; without one they are only remembered.</summary>
    public IDnsPublisher? Dns { get; init; }

    /// <summary>The address of each user's peer, and of the coordinator under the empty name, at port 443.</summary>
    public IReadOnlyDictionary<string, IPAddress>? Places { get; init; }

    /// <summary>Whether they speak HTTPS, with certificates from the coordinator.</summary>
    public bool IsSecure { get; init; }

    /// <summary>What the coordinator's application has beside the coordinator.</summary>
    public Action<IServiceCollection>? Services { get; init; }

    /// <summary>What that answers beside it.</summary>
    public Action<WebApplication>? Routes { get; init; }

    public string Scheme => IsSecure ? "https" : "http";
}
