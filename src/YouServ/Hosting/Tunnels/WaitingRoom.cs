using System.Net;

namespace P2P.YouServ.Hosting;

/// <summary>
/// Holds those who have connected and not yet said where they want to go: so many at most. At the bound the longest waiting of the place with the most goes first, so that one who opens many
/// connections and says nothing pushes out their own.
/// </summary>
/// <param name="max">How many there are at most.</param>
internal sealed class WaitingRoom(int max)
{
    private readonly Dictionary<IPAddress, LinkedList<Guest>> _places = [];
    private readonly LinkedList<Guest> _all = [];

    public int Count => _all.Count;

    /// <summary>Lets somebody wait.</summary>
    /// <param name="address">Where they come from.</param>
    /// <param name="guest">What to leave by.</param>
    /// <returns>Who has to go instead; null if there is room.</returns>
    public Guest? Enter(IPAddress address, Guest guest)
    {
        guest.Place = PlaceOf(address);
        var displaced = _all.Count < max ? null : Next();
        if (displaced is not null)
        {
            Leave(displaced);
        }

        if (!_places.TryGetValue(guest.Place, out var same))
        {
            _places.Add(guest.Place, same = []);
        }

        guest.InPlace = same.AddLast(guest);
        guest.InAll = _all.AddLast(guest);
        return displaced;
    }

    /// <summary>Somebody has said where to go, or has gone.</summary>
    public void Leave(Guest guest)
    {
        if (guest is not { InAll: { List: not null } inAll, InPlace: { List: { } same } inPlace })
        {
            return;
        }

        _all.Remove(inAll);
        same.Remove(inPlace);
        if (same.Count == 0)
        {
            _places.Remove(guest.Place);
        }
    }

    /// <summary>Of places with equally many, the one whose longest waiting has waited longest.</summary>
    private Guest Next()
    {
        var most = _places.Values.Max(place => place.Count);
        return most == 1 ? _all.First!.Value : _all.First(guest => _places[guest.Place].Count == most);
    }

    /// <summary>An address of IPv4, or a network of 64 bits of IPv6, of which a host has all.</summary>
    private static IPAddress PlaceOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        var bytes = address.GetAddressBytes();
        if (bytes.Length == 4)
        {
            return address;
        }

        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    /// <summary>Somebody who waits.</summary>
    /// <param name="sendAway">Sends them away.</param>
    public sealed class Guest(Action sendAway)
    {
        public Action SendAway => sendAway;

        internal IPAddress Place { get; set; } = IPAddress.None;

        internal LinkedListNode<Guest>? InAll { get; set; }

        internal LinkedListNode<Guest>? InPlace { get; set; }
    }
}
