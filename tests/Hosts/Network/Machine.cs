namespace Hosts.Network;

/// <summary>Tells what the machine allows.</summary>
internal static class Machine
{
    /// <summary>Tries everything that the hosts need, in a namespace that is removed again.</summary>
    /// <returns>Why hosts can't be made here, or null where they can.</returns>
    public static string? Refusal()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "network namespaces are Linux's";
        }

        try
        {
            NetworkNamespace.Sweep();
            using var host = new NetworkNamespace("try");
            var link = new Link(host, host, "port", System.Net.IPAddress.Parse("10.77.0.1"));
            host.Ip("link", "add", "bridge", "type", "bridge");
            link.Plug("bridge");
            link.Lose(0.5);
            link.CutOff(System.Net.IPNetwork.Parse("10.77.0.128/25"));
            link.Mend();
            link.Limit(megabits: 10);
            link.Unlimit();
            return null;
        }
        catch (ToolException exception)
        {
            return exception.Message;
        }
    }
}
