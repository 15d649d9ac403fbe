using System.Globalization;
using System.Net;

namespace Hosts.Network;

/// <summary>Is a host's wire to the switch, and what can go wrong with it.</summary>
/// <param name="host">The host.</param>
/// <param name="switch">Where the switch is.</param>
/// <param name="port">The name of the switch's end.</param>
/// <param name="address">The host's address.</param>
internal sealed class Link(NetworkNamespace host, NetworkNamespace @switch, string port, IPAddress address)
{
    private const string Device = "eth0";

    public IPAddress Address => address;

    /// <summary>Plugs the wire into a bridge of the switch.</summary>
    public void Plug(string bridge)
    {
        @switch.Ip("link", "add", port, "type", "veth", "peer", "name", Device, "netns", host.Name);
        @switch.Ip("link", "set", port, "master", bridge, "up");
        host.Ip("address", "add", $"{address}/24", "dev", Device);
        host.Ip("link", "set", Device, "up");
    }

    /// <summary>Loses some of the packets that come in.</summary>
    public void Lose(double fraction) => host.Run(
        "iptables", "-A", "INPUT", "-i", Device, "-m", "statistic", "--mode", "random", "--probability", fraction.ToString(CultureInfo.InvariantCulture), "-j", "DROP");

    /// <summary>Loses every packet that comes from a part of the network.</summary>
    public void CutOff(IPNetwork from) => host.Run("iptables", "-A", "INPUT", "-i", Device, "-s", from.ToString(), "-j", "DROP");

    /// <summary>Lets so many bits through in a second, each way, with a home router's buffer in front: what does not fit is lost.</summary>
    public void Limit(int megabits)
    {
        string[] limit = ["root", "tbf", "rate", $"{megabits}mbit", "burst", "32kbit", "latency", "200ms"];
        host.Run(["tc", "qdisc", "add", "dev", Device, .. limit]);
        @switch.Run(["tc", "qdisc", "add", "dev", port, .. limit]);
    }

    /// <summary>Takes a limit away.</summary>
    public void Unlimit()
    {
        host.Run("tc", "qdisc", "delete", "dev", Device, "root");
        @switch.Run("tc", "qdisc", "delete", "dev", port, "root");
    }

    /// <summary>Loses nothing any more.</summary>
    public void Mend() => host.Run("iptables", "-F", "INPUT");
}
