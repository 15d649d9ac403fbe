using System.Net;
using System.Net.Sockets;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Decides in which order addresses are tried: as they are given, but one of each family in turn, since a family may be missing as a whole.</summary>
internal static class DialOrder
{
    /// <summary>More addresses of one name are not tried.</summary>
    private const int PerNameMax = 8;

    /// <summary>Orders a node's addresses; names, whose family is not known yet, are a family of their own.</summary>
    public static NodeAddress[] Of(IEnumerable<NodeAddress> addresses) =>
        InTurn(addresses, address => IPAddress.TryParse(address.Host, out var literal) ? literal.AddressFamily : AddressFamily.Unspecified);

    /// <summary>Orders what a name stands for.</summary>
    public static IPAddress[] Of(IEnumerable<IPAddress> addresses) => [.. InTurn(addresses, address => address.AddressFamily).Take(PerNameMax)];

    private static T[] InTurn<T>(IEnumerable<T> items, Func<T, AddressFamily> familyOf) =>
    [
        .. items
            .GroupBy(familyOf)
            .SelectMany((family, rank) => family.Select((item, turn) => (Item: item, Turn: turn, Rank: rank)))
            .OrderBy(entry => entry.Turn)
            .ThenBy(entry => entry.Rank)
            .Select(entry => entry.Item),
    ];
}
