using System.Collections.Frozen;
using P2P.Pastry.Transport.Framing;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Exchanges hellos on a new control connection: the side that dialled speaks first, and the other answers or refuses.</summary>
internal static class ControlHandshake
{
    /// <exception cref="HandshakeException">One side refuses the other.</exception>
    /// <exception cref="InvalidDataException">What came is no hello.</exception>
    public static async Task<HostProof> DialAsync(HostContext host, SecureChannel channel, CancellationToken cancellationToken)
    {
        var announced = host.Nodes.Entries;
        await channel.WriteBlockAsync(host.Hello(announced).ToBytes(), cancellationToken).ConfigureAwait(false);
        var hello = Hello.Read(await channel.ReadBlockAsync(Hello.MaxLength, cancellationToken).ConfigureAwait(false));
        ThrowIfRefused(host, hello.Verdict, hello.Versions);
        return Check(host, channel.Host, hello, announced);
    }

    /// <exception cref="HandshakeException">One side refuses the other.</exception>
    /// <exception cref="InvalidDataException">What came is no hello.</exception>
    public static async Task<HostProof> AcceptAsync(HostContext host, SecureChannel channel, CancellationToken cancellationToken)
    {
        var hello = Hello.Read(await channel.ReadBlockAsync(Hello.MaxLength, cancellationToken).ConfigureAwait(false));
        var announced = host.Nodes.Entries;
        try
        {
            if (hello.Nodes.IsEmpty && host.Options.Admission is not null)
            {
                throw new HandshakeException(Verdict.CertificateMissing, "It named no node that the ring could admit.");
            }

            var proof = Check(host, channel.Host, hello, announced);
            await channel.WriteBlockAsync(host.Hello(announced).ToBytes(), cancellationToken).ConfigureAwait(false);
            return proof;
        }
        catch (HandshakeException exception)
        {
            await channel.WriteBlockAsync(Hello.Refusal(exception.Verdict, host.Options.Versions).ToBytes(), cancellationToken).ConfigureAwait(false);
            channel.EndOutput();
            throw;
        }
    }

    /// <summary>Makes sure that both speak a common version, and belong to one ring.</summary>
    /// <returns>The version.</returns>
    /// <exception cref="HandshakeException">They do not.</exception>
    public static int Agree(HostContext host, VersionRange versions, string ring)
    {
        if (host.Options.Versions.HighestWith(versions) is not { } version)
        {
            throw new HandshakeException(Verdict.Version, VersionsDiffer(host, versions));
        }

        if (ring != host.Options.RingName)
        {
            throw new HandshakeException(Verdict.Ring, $"It belongs to another ring than '{host.Options.RingName}'.");
        }

        return version;
    }

    /// <exception cref="HandshakeException">The other side's verdict is a refusal.</exception>
    public static void ThrowIfRefused(HostContext host, Verdict verdict, VersionRange versions)
    {
        if (verdict != Verdict.Accepted)
        {
            throw new HandshakeException(verdict, verdict switch
            {
                Verdict.Version => VersionsDiffer(host, versions),
                Verdict.Ring => $"It belongs to another ring than '{host.Options.RingName}'; check {nameof(TcpTransportOptions.RingName)} on both sides.",
                Verdict.Identity => "It did not accept what the nodes of this host sign; check that both clocks are right to an hour.",
                Verdict.Busy => "It takes no more streams now; try again later.",
                Verdict.NotHere => "The node does not live there (any more).",
                >= Verdict.CertificateMissing and <= Verdict.Barred => Admissions.ExplainTheirs(verdict),
                _ => $"It refused with an unknown verdict, {(int)verdict}.",
            },
            isTheirs: true);
        }
    }

    private static string VersionsDiffer(HostContext host, VersionRange theirs) =>
        $"It speaks version {theirs} of the transport and this host {host.Options.Versions}; update the older of the two.";

    private static HostProof Check(HostContext host, Fingerprint remote, Hello hello, LocalNodes.Entry?[] announced)
    {
        var version = Agree(host, hello.Versions, hello.Ring);
        var nodes = new Dictionary<ushort, Delegation>();
        foreach (var (index, statement, certificate) in hello.Nodes)
        {
            var delegation = host.Verifier.Verify(statement, certificate, remote);
            if (index == FrameFormat.Host || !nodes.TryAdd(index, delegation))
            {
                throw new HandshakeException(Verdict.Identity, "Two nodes have one index.");
            }
        }

        return new HostProof(version, hello.Session, nodes.ToFrozenDictionary(), announced);
    }
}
